"""The page in a real browser: it renders in light and dark without a console message."""

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cdp_orchestration.customer_report.writing import write_report
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.release.reader import Release

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
PREFERENCE = {"dark": 0, "light": 1}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(BROWSER is None, reason="no Chromium or Chrome is installed to render the page"),
]

Row = dict[str, Any]
Publish = Callable[..., Release]


@pytest.fixture
def page(publish: Publish, newest: Row, settings: Settings) -> Path:
    publish(
        touchpoints=[{**newest, "touchpoint_type": "ticket", "satisfaction_score": 20, "effort_weight": 4}],
        journeys=[
            {
                "journey_id": "j",
                "path": ["research"],
                "last_touch_channel": "web",
                "is_open": False,
                "is_converted": True,
            }
        ],
    )
    return write_report(settings).file


def _draw(page: Path, scheme: str) -> tuple[bytes, str]:
    """Return the screenshot of the page, and the messages of the browser's console."""
    picture = page.with_name(f"{scheme}.png")
    result = subprocess.run(
        [
            str(BROWSER),
            *("--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr", "--window-size=1000,1500"),
            f"--blink-settings=preferredColorScheme={PREFERENCE[scheme]}",
            f"--user-data-dir={page.with_name('browser')}",
            f"--screenshot={picture}",
            page.as_uri(),
        ],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return picture.read_bytes(), "\n".join(re.findall(r".*CONSOLE.*", result.stderr))


def test_the_page_renders_in_light_and_dark_without_a_console_message(page: Path) -> None:
    light, light_console = _draw(page, "light")
    dark, dark_console = _draw(page, "dark")
    assert light_console + dark_console == ""
    assert min(len(light), len(dark)) > 50_000  # an empty page of this size is a tenth of that
    assert light != dark


def test_a_choice_on_the_page_overrides_the_system(page: Path) -> None:
    chosen = page.with_name("chosen.html")
    html = page.read_text(encoding="utf-8")
    chosen.write_text(
        html.replace('id="theme-auto" autocomplete="off" checked', 'id="theme-auto"').replace(
            'id="theme-light" autocomplete="off"', 'id="theme-light" autocomplete="off" checked'
        ),
        encoding="utf-8",
    )
    assert _draw(chosen, "light")[0] == _draw(chosen, "dark")[0]
