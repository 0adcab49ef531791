# SPDX-License-Identifier: BSD-3-Clause
"""The three pages in a real browser, as wide as a desk, a phone and a sheet of paper: nothing overlaps, nothing is cut
off, letters can be read, every axis has a unit.

usage: test_pages.py --programs FOLDER; the variable KEEP_PAGES=FOLDER keeps pages and photographs"""

import os
import shutil
import sys
import unittest

from browser import Browser, find_browser
from programs import programs, run_tests

DATA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../examples/data/si_zuo2020")
DESK, PHONE, SHEET = 1280, 390, 717  # pixels; the last is A4 without margins at 96 per inch
HEIGHT = 5200
SIZES = [(DESK, HEIGHT, False), (PHONE, HEIGHT, False), (SHEET, HEIGHT, True)]
SOAP = "--descriptors=[{type: soap, r_cut: 4.5, n_max: 4, l_max: 3, sigma: 0.6}]"
BROKEN = ".wide{overflow:visible}figcaption{margin-top:-3rem;font-size:11px}h2{width:30rem}"
browser = None


def make_pages():
    """Of fits to few frames with everything that a report may hold, of their data, and of an audit."""
    with open(os.path.join(DATA, "train.xyz"), encoding="utf-8") as file:
        frames, lines = [], file.readlines()
    while lines:
        n = int(lines[0]) + 2
        frames.append("".join(lines[:n]))
        lines = lines[n:]
    programs.write("train.xyz", "".join(frames[::5]))
    programs.write("test.xyz", "".join(frames[2::10]))
    fit = ["train", "train.xyz", "--test", "test.xyz", SOAP, "--data.validation=0.2"]
    programs.run(*fit, "--model.n_sparse=60", "-o", "gp.mlsoap")
    programs.run(*fit, "--model={type: network, hidden: [8], epochs: 12}", "-o", "network.mlsoap")
    programs.run("data", "check", "train.xyz", "--test", "test.xyz", "--html", "doctor.html")
    programs.run("audit", "gp.mlsoap", "test.xyz", "--html", "audit.html", code=None)
    return {"gp.report.html": 7, "network.report.html": 6, "doctor.html": 3, "audit.html": 4}


def judge(self, found, width, as_print, n_plots):
    self.assertEqual(found["inner"], width)
    self.assertLessEqual(found["page"], width)
    self.assertEqual([found["overlaps"], found["cut"]], [[], []])
    if not as_print:  # print counts in points
        self.assertEqual(found["small"], [])
    self.assertGreaterEqual(len(found["axes"]), n_plots, "plots")
    for labels in found["axes"]:
        self.assertEqual(len(labels), 2, labels)
        for label in labels:
            self.assertRegex(label, r"\(.+\)$")


class Pages(unittest.TestCase):
    pages = None

    @classmethod
    def setUpClass(cls):
        cls.pages = make_pages()

    def test_measures(self):
        pages = self.pages
        broken = programs.read("gp.report.html").decode().replace("</style>", BROKEN + "</style>").replace("(eV/Å)", "")
        programs.write("broken.html", broken.encode())
        shown = [(page, *size) for page in pages for size in SIZES] + [("broken.html", *SIZES[1])]
        measured = browser.measure([(programs.path(page), *size) for page, *size in shown])
        self.assertEqual(len(measured), len(shown))
        found = measured.pop()
        for kind in ["overlaps", "cut", "small"]:
            self.assertTrue(found[kind], kind)
        self.assertGreater(found["page"], PHONE)
        self.assertTrue(any(len(labels) < 2 for labels in found["axes"]))
        for (page, width, _, as_print), found in zip(shown, measured):
            with self.subTest(page=page, width=width):
                judge(self, found, width, as_print, pages[page])

    def test_photographs(self):
        for page in ["gp.report.html", "doctor.html", "audit.html"]:
            image = programs.path(page.replace("html", "png"))
            width, height, n_lines = browser.photograph([(programs.path(page), *size) for size in SIZES[:2]], image)
            self.assertEqual((width, height), (DESK + PHONE, HEIGHT))
            self.assertGreater(n_lines, HEIGHT // 4, "blank")

    @classmethod
    def tearDownClass(cls):
        for name in os.listdir(programs.scratch) if os.environ.get("KEEP_PAGES") else []:
            if name.endswith((".png", ".html")):
                shutil.copy(programs.path(name), os.environ["KEEP_PAGES"])


if __name__ == "__main__":
    program, why = find_browser()
    if not program or not shutil.which("gnuplot"):
        print("skipped: " + (why or "no gnuplot (apt-get install gnuplot-nox)"))
        sys.exit(77)
    run_tests(prepare=lambda: globals().update(browser=Browser(program, programs.scratch)))
