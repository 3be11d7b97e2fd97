"""Measure in a real browser what of a page is cut or moves sideways on a narrow screen."""

import html
import json
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)

# A window of Chromium is 500 wide at least, a frame in it can be narrower.
_FRAME = """<body style="margin: 0"><iframe src="{page}" width="{width}" height="800"></iframe><script>
addEventListener('message', event => {{
  const found = document.createElement('pre'); found.id = 'measured'; found.textContent = event.data;
  document.body.appendChild(found); }});
</script></body>"""
_MEASURE = """<script>addEventListener('load', () => {
  const wide = [...document.querySelectorAll('.wide')];
  const outside = [...document.querySelectorAll('body *')].filter(e => !e.closest('.wide') || e.matches('.wide'));
  const text = e => `${e.tagName} ${e.getAttribute('class')} ${e.textContent.trim().slice(0, 40)}`;
  parent.postMessage(JSON.stringify({
    width: innerWidth,
    page: document.documentElement.scrollWidth,
    cut: outside.filter(e => {
      const place = e.getBoundingClientRect(), hides = getComputedStyle(e).overflowX !== 'visible';
      const isOut = place.width > 1 && (place.right > innerWidth + 1 || place.left < -1);
      return isOut || (hides && !e.matches('.wide') && e.scrollWidth > e.clientWidth + 1);
    }).map(text),
    scrolled: wide.filter(e => e.scrollWidth > e.clientWidth + 1).map(e => e.getAttribute('aria-label')),
    withoutBar: wide.filter(e => e.scrollWidth > e.clientWidth + 1 && e.offsetHeight === e.clientHeight).map(text),
  }), '*');
});</script></body>"""


@dataclass(frozen=True)
class Measured:
    """What a browser found on a page: widths in pixels, and the elements that are not as they should be."""

    width: int
    page_width: int
    cut: list[str]
    scrolled: list[str]  # the containers that move sideways, by their label
    without_bar: list[str]  # those of them that show no bar


def measure_page(page: Path, width: int, scratch: Path) -> Measured:
    """Open a page in a frame of a width.

    Args:
        page: the page; a copy of it gets a script that measures.
        width: of the frame, in pixels.
        scratch: an empty folder for the copy and the browser's own files.

    Returns:
        What was found.
    """
    text = re.sub(r"<meta http-equiv[^>]*>", "", page.read_text(encoding="utf-8"))
    (scratch / "page.html").write_text(text.replace("</body>", _MEASURE), encoding="utf-8")
    frame = scratch / "frame.html"
    frame.write_text(_FRAME.format(page="page.html", width=width), encoding="utf-8")
    opened = subprocess.run(
        [
            str(BROWSER),
            *("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"),
            *("--virtual-time-budget=8000", f"--user-data-dir={scratch / 'browser'}", "--window-size=1200,900"),
            *("--dump-dom", frame.as_uri()),
        ],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    found = re.search(r'<pre id="measured">(.*?)</pre>', opened.stdout, re.DOTALL)
    assert found, "the browser measured nothing"
    seen = json.loads(html.unescape(found[1]))
    return Measured(seen["width"], seen["page"], seen["cut"], seen["scrolled"], seen["withoutBar"])
