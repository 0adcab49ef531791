# SPDX-License-Identifier: BSD-3-Clause
"""A headless Chromium that measures pages and photographs them."""

import html
import json
import os
import re
import shutil
import struct
import subprocess
import zlib

# What stands in the page: boxes of text that overlap or leave their place, letters that are too small, axes.
MEASURE = """<script>window.addEventListener("load", () => {
const found = {inner: innerWidth, page: document.documentElement.scrollWidth, small: [], overlaps: [], cut: [], axes: []};
const name = e => (e.textContent.trim() || e.tagName).slice(0, 40);
const box = e => {
  let r = e.getBoundingClientRect(), w = e.closest(".wide");
  let [x0, y0, x1, y1] = [r.left, r.top, r.right, r.bottom];
  if (w && w !== e) { const c = w.getBoundingClientRect(); x0 = Math.max(x0, c.left); x1 = Math.min(x1, c.right); }
  return [x0, y0, x1, y1];
};
const meet = (a, b) => Math.min(a[2], b[2]) - Math.max(a[0], b[0]) > 1 && Math.min(a[3], b[3]) - Math.max(a[1], b[1]) > 1;
const judge = elements => {
  const boxes = elements.map(e => [e, box(e)]).filter(([e, b]) => b[2] - b[0] > 1 && b[3] - b[1] > 1);
  boxes.forEach(([e, a], i) => boxes.slice(0, i).forEach(([f, b]) => {
    if (meet(a, b) && !e.contains(f) && !f.contains(e)) found.overlaps.push(name(e) + " / " + name(f)); }));
};
const held = "h1,h2,h3,p,dt,dd,th:not(:first-child),td:not(:first-child),figcaption,summary,svg";
judge([...document.querySelectorAll(held)]);
for (const e of document.querySelectorAll("h1,h2,h3,p,dt,dd,th,td,figcaption,summary,pre")) {
  if (parseFloat(getComputedStyle(e).fontSize) < 14 - 0.01) found.small.push(name(e));
  const b = e.getBoundingClientRect();
  if (!e.closest(".wide") && (b.left < -1 || b.right > innerWidth + 1)) found.cut.push(name(e));
}
for (const svg of document.querySelectorAll("svg")) {
  const outer = svg.getBoundingClientRect(), scale = outer.width / svg.viewBox.baseVal.width;
  const texts = [...svg.querySelectorAll("text")];
  judge(texts);
  for (const t of texts) {
    const b = t.getBoundingClientRect();
    if (b.width < 1) continue;
    if (b.left < outer.left - 1 || b.right > outer.right + 1 || b.top < outer.top - 1 || b.bottom > outer.bottom + 1)
      found.cut.push(name(t));
    if (parseFloat(getComputedStyle(t).fontSize) * scale < 14 - 0.01) found.small.push(name(t));
  }
  found.axes.push(texts.map(t => t.textContent.trim()).filter(t => /[A-Za-z]{3}.*\\(/.test(t)));
}
parent.postMessage(found, "*");
});</script>"""

# Pages side by side, each in a frame of a given width (a window of the browser cannot be as narrow as a phone), and
# what they say of themselves.
SHOW = """<!DOCTYPE html><html><head><style>body{margin:0;display:flex}iframe{border:0;flex:none}</style></head>
<body><script>const all = [];
addEventListener("message", e => {
  const frames = [...document.querySelectorAll("iframe")];
  all[frames.findIndex(f => f.contentWindow === e.source)] = e.data;
  document.getElementById("measured").textContent = JSON.stringify(all);
});</script><pre id="measured" hidden></pre>%s</body></html>"""


def find_browser():
    """The program, installed where it is missing and we may; or None and why."""
    for name in ["chromium", "chromium-browser", "google-chrome"]:
        if shutil.which(name):
            return name, ""
    if os.geteuid() == 0 and shutil.which("apt-get"):
        for command in [["apt-get", "update"], ["apt-get", "install", "-y", "--no-install-recommends", "chromium"]]:
            done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        if done.returncode == 0 and shutil.which("chromium"):
            return "chromium", ""
    return None, "no chromium, and it could not be installed (apt-get install chromium)"


class Browser:
    def __init__(self, program, scratch):
        self.program, self.scratch = program, scratch

    def run(self, page, *options):
        home = os.path.join(self.scratch, "browser")
        command = [self.program, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
                   f"--user-data-dir={home}", "--disable-dev-shm-usage", "--force-device-scale-factor=1", *options,
                   "file://" + page]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=600, check=True)
        return done.stdout.decode()

    def show(self, pages):
        """A page that shows [(file, width, height, whether it is printed), ...] and measures them."""
        frames = ""
        for k, (page, width, height, as_print) in enumerate(pages):
            with open(page, encoding="utf-8") as file:
                text = file.read().replace("</head>", MEASURE + "</head>")
            if as_print:
                text = text.replace("@media print", "@media all")
            with open(os.path.join(self.scratch, f"measured{k}.html"), "w", encoding="utf-8") as file:
                file.write(text)
            frames += f'<iframe src="measured{k}.html" width="{width}" height="{height}"></iframe>'
        with open(os.path.join(self.scratch, "show.html"), "w", encoding="utf-8") as file:
            file.write(SHOW % frames)
        return os.path.join(self.scratch, "show.html")

    def measure(self, pages):
        """Of each page: widths, overlaps, texts that are cut off or small, labels of the axes of every plot."""
        dump = self.run(self.show(pages), "--window-size=1300,1200", "--virtual-time-budget=20000", "--dump-dom")
        return json.loads(html.unescape(re.search(r'<pre id="measured"[^>]*>(.*?)</pre>', dump, re.DOTALL).group(1)))

    def photograph(self, pages, image):
        """The pages side by side as a PNG; the same as png_lines."""
        size = f"--window-size={sum(p[1] for p in pages)},{max(p[2] for p in pages)}"
        self.run(self.show(pages), size, "--virtual-time-budget=20000", f"--screenshot={image}")
        with open(image, "rb") as file:
            return png_lines(file.read())


def png_lines(data):
    """Width, height and the number of different scan lines: a blank picture has one or two."""
    width, height = struct.unpack(">II", data[16:24])
    at, packed = 8, b""
    while at < len(data):
        size, kind = struct.unpack(">I4s", data[at:at + 8])
        if kind == b"IDAT":
            packed += data[at + 8:at + 8 + size]
        at += 12 + size
    raw = zlib.decompress(packed)
    line = len(raw) // height
    return width, height, len({raw[k * line:(k + 1) * line] for k in range(height)})
