"""Alerts: saved queries, and the delivery of articles that are new for them."""

from searchsvc.alerts.alert_file import Alert, AlertFile, read_alert_file
from searchsvc.alerts.alert_mail import send_mail
from searchsvc.alerts.alert_state import AlertState, alert_state
from searchsvc.alerts.alert_webhook import post_webhook

__all__ = ["Alert", "AlertFile", "AlertState", "alert_state", "post_webhook", "read_alert_file", "send_mail"]
