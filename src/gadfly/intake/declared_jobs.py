"""All jobs of scraping: of `[scrape.NAME]` and of Prometheus' own files."""

from __future__ import annotations

import logging

from gadfly.catalogue import prometheus_file
from gadfly.config import Config
from gadfly.config.scrape import Scrape
from gadfly.errors import ConfigError

log = logging.getLogger("gadfly.scrape")


def declared_jobs(config: Config) -> dict[str, Scrape]:
    """By name; reads files. They were checked when the configuration was read; one that cannot be read any
    more is left out, and said."""
    found = dict(config.scrape)
    for path in config.scraping.files:
        try:
            read = prometheus_file.read(path)
        except ConfigError as error:
            log.error("%s", error)
            continue
        for name, scrape in read.items():
            found.setdefault(name, scrape)
    return found
