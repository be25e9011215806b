"""Mail through the sendmail program of the system."""

import subprocess
from email.message import EmailMessage

from searchsvc.errors import DeliveryFailed

_SECONDS = 60


def send_mail(program: str, address: str, subject: str, text: str) -> None:
    """Send a message. Text from articles belongs into `text`, never into `subject`. Raises DeliveryFailed."""
    message = EmailMessage()
    message["To"], message["Subject"], message["Auto-Submitted"] = address, subject, "auto-generated"
    message.set_content(text.encode("utf-8", "replace").decode())
    command = [program, "-i", "--", address]
    try:
        done = subprocess.run(command, input=message.as_bytes(), capture_output=True, timeout=_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise DeliveryFailed(f"{program} failed: {error}") from error
    if done.returncode:
        raise DeliveryFailed(f"{program} failed: {done.stderr.decode('utf-8', 'replace').strip()[:200]}")
