"""Build the table of marketplaces for the models of dbt: country, name, currency and time zone.

    python scripts/build_marketplaces.py    write the table
    --check                                 write nothing; name what differs and exit with 1

Ids and countries are those of `tap_amazon_sp.amazon.marketplaces`, currencies those of
`tap_amazon_sp.documents.conventions`, and the names of countries come from Unicode CLDR, as Babel
has it. The table is dbt/seeds/marketplaces.csv.

Amazon says of vendors' reports that their days are those of Pacific time (issue 3107 of
amzn/selling-partner-api-docs), and of no seller's report in which zone its days are (issue 5209 of
amzn/selling-partner-api-models asks). The zones here are those in which Amazon Ads counts the days
of an account (reference of its API, operation `listProfiles`), as ScaleLeap/amazon-marketplaces has
them. That Seller Central counts in the same zones is an assumption. Where Amazon Ads names no zone,
as of Ireland, it is that of the country's capital.
"""

from __future__ import annotations

import csv
import io
import sys
import zoneinfo

from babel import Locale

from generated_files import ROOT, BuildError, Built, run
from tap_amazon_sp.amazon.marketplaces import MARKETPLACES
from tap_amazon_sp.documents.conventions import COUNTRIES

TABLE = ROOT / "dbt" / "seeds" / "marketplaces.csv"
COLUMNS = ("marketplace_id", "country", "name", "currency", "time_zone")

TIME_ZONES = {
    "AE": "Asia/Dubai",
    "AU": "Australia/Sydney",
    "BE": "Europe/Brussels",
    "BR": "America/Sao_Paulo",
    "CA": "America/Los_Angeles",
    "DE": "Europe/Paris",
    "EG": "Africa/Cairo",
    "ES": "Europe/Paris",
    "FR": "Europe/Paris",
    "GB": "Europe/London",
    "IE": "Europe/Dublin",
    "IN": "Asia/Kolkata",
    "IT": "Europe/Paris",
    "JP": "Asia/Tokyo",
    "MX": "America/Los_Angeles",
    "NL": "Europe/Amsterdam",
    "PL": "Europe/Warsaw",
    "SA": "Asia/Riyadh",
    "SE": "Europe/Stockholm",
    "SG": "Asia/Singapore",
    "TR": "Europe/Istanbul",
    "US": "America/Los_Angeles",
    "ZA": "Africa/Johannesburg",
}


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit code."""
    return run(__doc__, build, arguments)


def build() -> Built:
    """Build the table.

    Raises:
        BuildError: A marketplace has no time zone here, or one that nobody knows.
    """
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(COLUMNS)
    names = Locale("en").territories
    for marketplace in MARKETPLACES:
        country = marketplace.country_code
        time_zone = TIME_ZONES.get(country, "")
        if time_zone not in zoneinfo.available_timezones():
            message = f"{country} needs a time zone in TIME_ZONES"
            raise BuildError(message)
        table.writerow(
            (marketplace.id, country, names[country], COUNTRIES[country].currency, time_zone)
        )
    return Built({TABLE: text.getvalue()})


if __name__ == "__main__":
    sys.exit(main())
