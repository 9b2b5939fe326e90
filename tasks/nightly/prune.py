"""Prune: what is older than the settings say leaves the ledger and the folder of reports."""

from datetime import datetime, timedelta

from ledger.database.engine import LedgerUnusable
from ledger.session import Ledger
from tasks.runtime.report_files import prune_reports
from tasks.runtime.settings import RunSettings

PLANS = timedelta(days=30)  # a plan that is older is applied by nobody any more


def prune(ledger: Ledger, now: datetime) -> str:
    """Delete what is too old; why decisions could not be archived, or ""."""
    settings = RunSettings()
    nights, journal = now - settings.night_history, now - settings.journal_history
    decisions = now - settings.decision_history
    ledger.nights.prune(nights)
    ledger.findings.prune(nights)
    ledger.journal.prune(journal)
    ledger.holds.prune(journal)
    ledger.secrets.prune(now - settings.secret_history)
    ledger.claims.prune(journal)
    ledger.site_plans.prune(now - PLANS)
    ledger.reviews.prune(decisions)
    prune_reports(now - settings.report_history)
    try:
        ledger.decisions.move_to_archive(decisions, now)
    except LedgerUnusable as error:
        return str(error)
    return ""
