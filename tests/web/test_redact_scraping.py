"""What lets a scraper in is not shown with the configuration."""

from __future__ import annotations

import msgspec

from gadfly.config import Config
from gadfly.config.scrape import Listing, Scrape
from gadfly.web.redact import configuration


def test_secrets_of_scraping_are_not_shown() -> None:
    scrape = Scrape(
        headers={"X-Own": "s3cret"},
        password="file:/s3cret",
        bearer="env:S3CRET",
        params={"token": ("s3cret",)},
        http=(Listing(url="https://me:s3cret@sd/t?k=s3cret", headers={"X": "s3cret"}),),
    )
    shown = msgspec.json.encode(configuration(Config(scrape={"a": scrape}))).decode()
    assert "s3cret" not in shown.lower()
    assert "X-Own" in shown
