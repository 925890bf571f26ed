"""What a job does beside computing, read from its command and its script. Pure; a reading, not a proof."""

from __future__ import annotations

import ast
import re
import shlex
import sys
from collections.abc import Iterator
from typing import TypeVar

import msgspec

from gadfly.functions.survey.request import URL, request

_Kind = TypeVar("_Kind")
SCRIPT = 256 << 10
"""Bytes of a script that are looked at."""


class Needs(msgspec.Struct, kw_only=True):
    """Each list without doubles, in the order of the text."""

    language: str = "shell"
    """`python`, `shell`, or the name of another."""
    privileged: list[str] = []
    """Programs that need rights over the machine."""
    files: list[str] = []
    """What of the machine's files it writes or works on."""
    calls: list[tuple[str, str]] = []
    """HTTP requests: method, address."""
    sends: list[str] = []
    """What its requests send beside their addresses, in words."""
    credential: bool = False
    """Whether some of that lets it in."""
    network: list[str] = []
    """Programs and modules that speak anything else."""
    programs: list[str] = []
    """Other programs that it runs."""
    modules: list[str] = []
    """Modules of Python beside the standard library."""


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_PRIVILEGED = _set(
    "systemctl service mount umount chown iptables ip6tables nft useradd userdel usermod apt apt-get "
    "dpkg yum dnf reboot shutdown poweroff kill pkill killall modprobe sysctl ip docker podman crontab "
    "fstrim smartctl mdadm update-initramfs ntpdate hwclock journalctl swapoff swapon sudo su setfacl "
    "chroot nsenter certbot logrotate debsums anacron e2scrub_all zpool zfs lvcreate btrfs dmesg visudo "
    "passwd deb-systemd-invoke invoke-rc.d"
)
_FILES = _set(
    "tar cp mv rm rmdir mkdir ln touch chmod dd gzip gunzip bzip2 xz zip unzip truncate split install "
    "mktemp tee find updatedb mandb tmpreaper savelog shred sqlite3 restic borg duplicity"
)
_NETWORK = _set(
    "ssh scp sftp rsync ftp lftp nc ncat telnet mail mailx sendmail mutt psql pg_dump pg_dumpall mysql "
    "mysqldump mariadb mariadb-dump mongodump mongo redis-cli git svn aws gcloud az kubectl helm "
    "ldapsearch smbclient rclone ping dig host nslookup openssl influx clickhouse-client rabbitmqctl "
    "vacuumdb"
)
_PLAIN = _set(
    "echo printf date grep egrep fgrep sed awk gawk mawk jq cut sort uniq head tail wc test [ [[ true "
    "false sleep cat tr xargs basename dirname expr seq set export cd if then else elif fi for do done "
    "while until case esac in return exit local read shift eval exec trap function { } ! time env "
    "hostname uname id whoami ls df du stat free uptime bc md5sum sha256sum nice ionice chronic flock "
    "timeout command type source . sh bash dash : unset continue break declare readonly getopts wait pwd "
    "which logger umask let"
)
_HTTP = frozenset({"curl", "wget", "http", "https"})
_MODULES = {
    "subprocess": "programs",
    "socket": "network",
    "smtplib": "network",
    "ftplib": "network",
    "telnetlib": "network",
    "paramiko": "network",
    "psycopg": "network",
    "psycopg2": "network",
    "pymysql": "network",
    "MySQLdb": "network",
    "redis": "network",
    "pymongo": "network",
    "boto3": "network",
    "shutil": "files",
    "sqlite3": "files",
}
_CALLERS = frozenset({"get", "post", "put", "patch", "delete", "head", "urlopen", "request", "Request"})
_WRITERS = _set(
    "write_text write_bytes unlink remove removedirs rmdir rmtree rename makedirs mkdir copy copyfile "
    "move touch"
)


def read(command: str, script: str = "") -> Needs:
    """What the command does, or the script that it runs, where that could be read."""
    if not script:
        return _shell(command)
    first = script.partition("\n")[0]
    if "python" in first or (not first.startswith("#!") and re.search(r"python[0-9.]*\b|\.py\b", command)):
        return _python(script)
    if first.startswith("#!") and not re.search(r"\b(ba|da|k|z)?sh\b", first):
        other = first.rsplit("/", 1)[-1].split()[-1]
        return Needs(language=other, programs=[other])
    return _shell(script)


def _shell(text: str) -> Needs:
    found = Needs()
    text = re.sub(r"\\\n", " ", text)
    own = set(re.findall(r"^\s*(?:function\s+)?([\w-]+)\s*\(\)", text, re.MULTILINE))
    for line in _lines(text):
        for words in _commands(line):
            if words[0] not in own:
                _word(words, found)
        for target in re.findall(r"(?<![0-9&<])>{1,2}\s*([^\s&|;<>]+)", _unquoted(line)):
            if target not in ("/dev/null", "/dev/stderr", "/dev/stdout") and not target.startswith(
                ("&", "(")
            ):
                _add(found.files, f"> {target}")
    return found


def _word(words: list[str], found: Needs) -> None:
    program = words[0].rsplit("/", 1)[-1]
    if program in _HTTP:
        asked = request(words)
        if asked.address:
            _add(found.calls, (asked.method, asked.address))
        if asked.file:
            _add(found.files, asked.file)
        for one in asked.sends:
            _add(found.sends, one)
        found.credential = found.credential or asked.credential
    elif program in _PRIVILEGED:
        _add(found.privileged, program)
    elif program in _NETWORK:
        _add(found.network, program)
    elif program in _FILES:
        _add(found.files, program)
    elif (
        program not in _PLAIN
        and not program.startswith(("$", "-", "%"))
        and re.fullmatch(r"[A-Za-z][\w.+-]*", program)
    ):
        _add(found.programs, program)


def _lines(text: str) -> Iterator[str]:
    here = ""
    for line in text.splitlines():
        if here:
            if line.strip() == here:
                here = ""
            continue
        bare = line.strip()
        if not bare or bare.startswith("#"):
            continue
        document = re.search(r"<<-?\s*['\"]?(\w+)", bare)
        here = document[1] if document else ""
        yield bare


def _commands(line: str) -> Iterator[list[str]]:
    """The words of each command in a line, by a rough reading of the shell's grammar."""
    line = re.sub(r"\$\(\([^()]*\)\)", "$x", line)
    for inner in re.findall(r"\$\(([^()]*)\)|`([^`]*)`", line):
        yield from _commands(inner[0] or inner[1])
    lexer = shlex.shlex(re.sub(r"\$\([^()]*\)|`[^`]*`", "$x", line), posix=True, punctuation_chars="();<>|&")
    lexer.commenters = "#"
    lexer.whitespace_split = True
    try:
        tokens = list(lexer)
    except ValueError:
        tokens = line.split()
    words: list[str] = []
    skip = False
    depth = 0
    for one in tokens:
        if skip:
            skip = False
        elif one == ")" and not depth:
            words = []  # what stood before it is the pattern of a case
        elif set(one) <= set("<>&") and set(one) & set("<>"):
            skip = True
        elif set(one) <= set("();|&"):
            depth = max(0, depth + one.count("(") - one.count(")"))
            if words:
                yield words
            words = []
        elif not words and (one in _LEADS or re.fullmatch(r"\w+\+?=.*", one, re.DOTALL)):
            continue
        else:
            words.append(one)
    if words:
        yield words


_LEADS = _set("if then else elif do while until ! time exec nice ionice chronic nohup command env { }")


def _unquoted(line: str) -> str:
    return re.sub(r"'[^']*'|\"[^\"]*\"", "''", line)


def _python(text: str) -> Needs:
    found = Needs(language="python")
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        found.programs.append("python that this version cannot read")
        return found
    for node in ast.walk(tree):
        names = (
            [one.name for one in node.names]
            if isinstance(node, ast.Import)
            else [node.module]
            if isinstance(node, ast.ImportFrom) and node.module and not node.level
            else []
        )
        for name in names:
            first = name.partition(".")[0]
            if first in _MODULES:
                _add(getattr(found, _MODULES[first]), first)
            elif first not in sys.stdlib_module_names and first not in ("gadfly_fn", "requests", "httpx"):
                _add(found.modules, first)
        if isinstance(node, ast.Call):
            _call(node, found)
    return found


def _call(node: ast.Call, found: Needs) -> None:
    name = (
        node.func.attr
        if isinstance(node.func, ast.Attribute)
        else node.func.id
        if isinstance(node.func, ast.Name)
        else ""
    )
    texts = [one.value for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str)]
    if name == "open":
        mode = texts[1] if len(texts) > 1 else ""
        mode = next(
            (
                str(one.value.value)
                for one in node.keywords
                if one.arg == "mode" and isinstance(one.value, ast.Constant)
            ),
            mode,
        )
        if set(mode) & set("wax+"):
            _add(found.files, f"> {texts[0]}" if texts else "writes a file")
    elif name in _WRITERS and isinstance(node.func, ast.Attribute):
        _add(found.files, name)
    elif name in ("system", "popen", "execv", "execvp", "fork") and isinstance(node.func, ast.Attribute):
        _add(found.programs, f"os.{name}")
    elif name in _CALLERS:
        for address in (one for one in texts if URL.match(one)):
            method = name.upper() if name.islower() and name not in ("urlopen", "request") else "GET"
            if name == "request" and texts and texts[0].isupper():
                method = texts[0]
            _add(found.calls, (method, address))
            for key in node.keywords:
                if key.arg in ("headers", "auth", "cookies", "data", "json", "files"):
                    _add(found.sends, str(key.arg))
                    found.credential = found.credential or key.arg in ("auth", "cookies")


def _add(held: list[_Kind], one: _Kind) -> None:
    if one not in held and len(held) < 50:
        held.append(one)
