"""Personal data in what leaves the platform for mining: masked unless an auditor says why not.

Field by field: names of persons become pseudonyms; numbers of persons in texts are masked but for their last four
places (`engine.forms.masking`); titles of cases, which their authors write freely, are left out, and so is every
other text that people write: reasons, opinions, values of forms never enter a log. Departments, roles, numbers of
cases and documents are no personal data and stay.
"""

import hashlib
import hmac
import secrets

from engine.forms.masking import mask_text

_SHORTEST = 4


class Masks:
    """What one file shows of persons; the key that makes the pseudonyms is in no file and lasts no longer than it.

    Args:
        masked: False shows names and titles as they are.
        key: For tests; by itself a new one for each file, so that two files cannot be joined by pseudonyms.
    """

    def __init__(self, masked: bool = True, key: bytes | None = None) -> None:
        self.masked = masked
        self._key = key or secrets.token_bytes(32)
        self._known: dict[int, str] = {}
        self._taken: set[str] = set()

    def person(self, key: int, name: str) -> str:
        """Return the name a file shows; one person has one pseudonym within it, two persons have two."""
        if not self.masked or key == 0:
            return name
        if key not in self._known:
            digest = hmac.new(self._key, str(key).encode(), hashlib.sha256).hexdigest().upper()
            length = next(n for n in range(_SHORTEST, len(digest)) if digest[:n] not in self._taken)
            self._taken.add(digest[:length])
            self._known[key] = f"人员-{digest[:length]}"
        return self._known[key]

    def text(self, text: str) -> str:
        """Return a text that the platform made."""
        return mask_text(text) if self.masked else text

    def title(self, text: str) -> str:
        """Return a text that somebody wrote: nothing where it could name persons."""
        return "" if self.masked else text
