"""The report leads to what the gates found, where a reader of the page can follow."""

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urljoin, urlparse
from urllib.request import url2pathname

import pytest

from cdp_orchestration.customer_report.writing import write_report
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.release.reader import Release


def _links(page: Path) -> list[str]:
    return re.findall(r'href="([^"#]+)"', page.read_text(encoding="utf-8"))


@pytest.fixture
def data_docs(settings: Settings) -> Path:
    settings.data_docs.parent.mkdir(parents=True)
    settings.data_docs.write_text("<h1>Data Docs</h1>", encoding="utf-8")
    return settings.data_docs


def test_the_identity_section_links_the_data_docs_beside_it(
    publish: Callable[..., Release], settings: Settings, data_docs: Path
) -> None:
    publish()
    page = write_report(settings).file
    (link,) = _links(page)
    assert Path(url2pathname(urlparse(urljoin(page.as_uri(), link)).path)) == data_docs.resolve()
    assert page.read_text(encoding="utf-8").index('id="identity"') < page.read_text(encoding="utf-8").index(link)


def test_without_data_docs_there_is_no_link(publish: Callable[..., Release], settings: Settings) -> None:
    publish()
    assert _links(write_report(settings).file) == []


@pytest.mark.usefixtures("data_docs")
def test_a_page_that_is_written_elsewhere_to_be_sent_on_has_no_link(
    publish: Callable[..., Release], settings: Settings, tmp_path: Path
) -> None:
    publish()
    assert _links(write_report(settings, output=tmp_path / "elsewhere" / "page.html").file) == []
