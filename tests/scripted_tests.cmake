# SPDX-License-Identifier: BSD-3-Clause
# Tests that are scripts: examples, README files, the installed package, and (label slow) other builds, other LAMMPS
# versions, independent oracles and fuzzing. Exit code 77 = skipped, with the reason as the last line.

# mlsoap_add_script(NAME LABELS TIMEOUT COMMAND ARGUMENT...): runs alone, because it uses every core. A timeout ends what
# hangs and says nothing of speed: it is four times and more what 2 busy cores take.
function(mlsoap_add_script name labels timeout)
  add_test(NAME ${name} COMMAND ${ARGN})
  set_tests_properties(${name} PROPERTIES LABELS "${labels}" TIMEOUT ${timeout} SKIP_RETURN_CODE 77 RUN_SERIAL TRUE
    ENVIRONMENT "BUILD_DIR=${PROJECT_BINARY_DIR}")
endfunction()

set(here "${CMAKE_CURRENT_LIST_DIR}")
mlsoap_add_script(quickstart examples 1800 bash ${here}/examples/check_quickstart.sh)
set_tests_properties(quickstart PROPERTIES FIXTURES_SETUP silicon)
mlsoap_add_script(readme_commands readme 1800 python3 ${here}/readme/run_readme_commands.py)
mlsoap_add_script(package package 1800 bash ${here}/package/check_package.sh)
mlsoap_add_script(structure_rows tools 1800 python3 -B ${here}/tools/test_structures.py
                  --programs $<TARGET_FILE_DIR:mlsoap>)
mlsoap_add_script(trained_descriptors tools 1800 python3 -B ${here}/tools/test_trained_descriptors.py
                  --programs $<TARGET_FILE_DIR:mlsoap>)
mlsoap_add_script(data_files tools 1800 python3 -B ${here}/tools/test_data.py --programs $<TARGET_FILE_DIR:mlsoap>)
mlsoap_add_script(train_further tools 1800 python3 -B ${here}/tools/test_train_further.py
                  --programs $<TARGET_FILE_DIR:mlsoap>)
mlsoap_add_script(forecast tools 1800 python3 -B ${here}/tools/test_forecast.py --programs $<TARGET_FILE_DIR:mlsoap>)
mlsoap_add_script(interruptions tools 1800 python3 -B ${here}/tools/test_interruptions.py
                  --programs $<TARGET_FILE_DIR:mlsoap> Interrupted)
mlsoap_add_script(audit tools 1800 python3 -B ${here}/tools/test_audit.py --programs $<TARGET_FILE_DIR:mlsoap>
                  --make-potentials $<TARGET_FILE:make_potentials>)
mlsoap_add_script(shipped_potentials potential_files 1800 python3 ${here}/potential_files/check_shipped.py
                  $<TARGET_FILE:mlsoap>)
mlsoap_add_script(h2_dimer examples 1800 bash ${here}/examples/check_h2_dimer.sh)

mlsoap_add_script(readme_commands_slow "readme;slow" 7200 python3 ${here}/readme/run_readme_commands.py --slow)
mlsoap_add_script(pages "tools;slow" 3600 python3 -B ${here}/tools/test_pages.py --programs $<TARGET_FILE_DIR:mlsoap>)
mlsoap_add_script(si_network "examples;slow" 3600 bash ${here}/examples/check_si_network.sh)
mlsoap_add_script(kills "tools;slow" 3600 python3 -B ${here}/tools/test_interruptions.py
                  --programs $<TARGET_FILE_DIR:mlsoap> Killed)
mlsoap_add_script(nve_drift "examples;slow" 3600 bash ${here}/examples/check_nve_drift.sh)
mlsoap_add_script(liquid_silicon "examples;slow" 3600 bash ${here}/examples/check_liquid_silicon.sh)
mlsoap_add_script(older_wheels "lammps;slow" 3600 bash ${here}/lammps/check_older_wheels.sh)
mlsoap_add_script(user_lammps "lammps;slow" 3600 bash ${here}/lammps/check_user_lammps.sh)
mlsoap_add_script(dscribe_oracle "reference;slow" 3600 bash ${here}/reference/check_dscribe.sh)
mlsoap_add_script(quippy_oracle "reference;slow" 3600 bash ${here}/reference/check_quippy.sh)
mlsoap_add_script(readers_oracle "reference;slow" 3600 bash ${here}/reference/check_readers_ase.sh)
mlsoap_add_script(safetensors_oracle "potential_files;slow" 3600 bash ${here}/potential_files/check_safetensors.sh)
mlsoap_add_script(fuzz "fuzz;slow" 3600 bash ${here}/fuzz/run_fuzzers.sh)
foreach(name readme_commands nve_drift liquid_silicon older_wheels user_lammps safetensors_oracle)
  set_tests_properties(${name} PROPERTIES FIXTURES_REQUIRED silicon)
endforeach()
