"""What a curl or wget asks for and sends, read from its words. Pure; a reading, not a proof."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import parse_qsl, urlsplit

URL = re.compile(r"https?://[^\s\"'`\\|;<>()]+")
TELLING = re.compile(r"auth|cookie|key|token|secret|pass|session|signature|credential", re.IGNORECASE)
"""Names of headers, parameters and variables that hold what lets one send in another's name."""
_BODY = frozenset(
    ("-d", "--data", "--data-raw", "--data-binary", "--json", "--data-urlencode", "-F", "--form")
)
_USER = frozenset(("-u", "--user", "--oauth2-bearer", "--password", "--http-password", "--netrc-file", "-b"))
_VALUE = r"""(?:"(?:[^"\\]|\\.)*"?|'[^']*'?|[^\s"']+)+"""
_OPTION = re.compile(
    r"(?<!\S)(--(?:header|user|data[a-z-]*|json|form|cookie|post-data|http-password|password|oauth2-bearer|"
    rf"proxy-user|token)(?:\s+|=)|-[A-Za-z]*[HudFbU]\s*)({_VALUE})"
)
_NAMED = re.compile(
    r"([\w-]*(?:auth|cookie|key|token|secret|pass|session|signature|credential)[\w-]*\s*[=:]\s*)"
    rf"({_VALUE})",
    re.IGNORECASE,
)
_QUERY = re.compile(r"([?&][^=\s&\"']+=)[^&\s\"'#]+")
_USERINFO = re.compile(r"://[^/\s@\"']*@")
GONE = "…"
_CLUSTER = re.compile(r"-[fsSLkgiqvN046]+([HudFbXoOTI].*)", re.DOTALL)
"""Options without a value in front of one that has one."""


class Asked(NamedTuple):
    """`file`: what it does with a file of the machine; `sends`: kinds of what it sends, for people."""

    method: str
    address: str
    file: str
    sends: tuple[str, ...]
    credential: bool
    """Whether some of that lets it in."""


def struck(text: str) -> str:
    """A command to be shown: without what it sends, and what stands behind the names of credentials."""
    text = _USERINFO.sub(f"://{GONE}@", text)
    text = _QUERY.sub(rf"\1{GONE}", text)
    text = _OPTION.sub(rf"\1{GONE}", text)
    return _NAMED.sub(rf"\1{GONE}", text)


def placed(address: str, name: str) -> str:
    """The address with the place of the secret `name` where it has a credential among its parameters."""
    base, mark, query = address.partition("?")
    parts = [one.partition("=") for one in query.split("&")]
    held = "&".join(
        f"{key}={{secret:{name}}}" if TELLING.search(key) and value else f"{key}{sign}{value}"
        for key, sign, value in parts
    )
    return f"{base}{mark}{held}"


def request(words: list[str]) -> Asked:
    """Of a command's words."""
    method, address, file = "", "", ""
    sends: list[str] = []
    credential = False
    curl = words[0].rsplit("/", 1)[-1] == "curl"
    given = iter(words[1:])
    for one in given:
        several = _CLUSTER.fullmatch(one) if curl else None
        word = f"-{several[1]}" if several else one
        if word in ("-X", "--request"):
            method = next(given, "").upper()
        elif word.startswith("-X"):
            method = word[2:].upper()
        elif word in ("-I", "--head", "--spider"):
            method = method or "HEAD"
        elif word in ("-H", "--header") or word.startswith(("-H", "--header=")):
            text = next(given, "") if word in ("-H", "--header") else word.removeprefix("--header=")
            name = text.removeprefix("-H").partition(":")[0].strip()
            sends.append(f"the header {name[:40]}")
            credential = credential or bool(TELLING.search(name))
        elif word in _USER or word.startswith(("--user=", "--password=", "--http-password=")):
            if word in _USER:
                next(given, "")
            sends.append("who it is")
            credential = True
        elif word in _BODY or (curl and word.startswith("-d")):
            method = method or "POST"
            value = next(given, "") if word in _BODY else word[2:]
            sends.append("a body")
            if value.startswith("@") and value not in ("@-",):
                file = f"sends {value[1:]}"
        elif word.startswith(("--post-data", "--post-file", "--data", "--json")):
            method = method or "POST"
            sends.append("a body")
        elif word in ("-T", "--upload-file"):
            method = method or "PUT"
            file = f"sends {next(given, '')}"
        elif word in ("-o", "--output", "-O") and curl:
            target = "" if word == "-O" else next(given, "")
            file = file or ("" if target in ("/dev/null", "-") else f"> {target or 'a file'}")
        elif word in ("-O", "--output-document"):
            target = next(given, "")
            file = file or ("" if target in ("/dev/null", "-") else f"> {target}")
        elif (url := URL.match(word)) is not None:
            address = url[0]
    if any(TELLING.search(name) for name in _parameters(address)):
        sends.append("a credential in the address")
        credential = True
    return Asked(method or "GET", address, file, tuple(dict.fromkeys(sends)), credential)


def _parameters(address: str) -> list[str]:
    try:
        return [name for name, _ in parse_qsl(urlsplit(address).query)]
    except ValueError:
        return []
