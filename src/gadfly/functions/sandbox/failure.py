"""A sandbox that does not come up."""

from __future__ import annotations

import errno

from gadfly.errors import GadflyError

_LASTING = {
    errno.EPERM,
    errno.EACCES,
    errno.ENOSYS,
    errno.EINVAL,
    errno.ENOSPC,
    errno.EOPNOTSUPP,
    errno.EUSERS,
}


class SandboxError(GadflyError):
    """A template or a cell that does not come up: the message has its last words.

    `layer` names the lock that could not be put on, where it was one; `number` is the kernel's error.
    """

    def __init__(self, words: str, layer: str = "", number: int = 0) -> None:
        super().__init__(words)
        self.layer = layer
        self.number = number

    @property
    def lasting(self) -> bool:
        """Whether this machine has no such lock, or does not allow it: not only short of something now."""
        return bool(self.layer) and self.number in _LASTING
