"""The site as a project of Great Expectations describes it, so that its own commands build the same pages."""

from typing import Any

_VIEW = {"module_name": "expectations.data_docs.view", "class_name": "OfflineView"}
_RENDERERS = "great_expectations.render.renderer"


def site_config(folder: str) -> dict[str, Any]:
    """Return the description of the site.

    Args:
        folder: where its pages lie, as seen from the project.

    Returns:
        What ``great_expectations.yml`` says below the name of the site.
    """
    return {
        "class_name": "SiteBuilder",
        "show_how_to_buttons": False,
        "store_backend": {"class_name": "TupleFilesystemStoreBackend", "base_directory": folder},
        "site_index_builder": {"module_name": "expectations.data_docs.index", "class_name": "OfflineIndexBuilder"},
        "site_section_builders": {
            "expectations": _section("expectations_store", "ExpectationSuitePageRenderer"),
            "validations": _section("validation_results_store", "ValidationResultsPageRenderer"),
            "profiling": "none",
        },
    }


def _section(store: str, renderer: str) -> dict[str, Any]:
    return {
        "class_name": "DefaultSiteSectionBuilder",
        "source_store_name": store,
        "renderer": {"class_name": renderer, "module_name": _RENDERERS},
        "view": dict(_VIEW),
    }
