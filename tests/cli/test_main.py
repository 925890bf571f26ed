from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from gadfly.cli import main
from gadfly.cli.root import COMMANDS
from gadfly.cli.root import gadfly as group


def test_every_command_can_be_loaded_and_has_help():
    import click

    for name in COMMANDS:
        command = group.get_command(click.Context(group), name)
        assert command is not None
        assert command.get_short_help_str(60), name
        assert not command.get_short_help_str(60).endswith("..."), name


def test_an_unknown_command_is_no_critical_state(gadfly):
    code, _, err = gadfly("frob")
    assert code == 3
    assert err.count("\n") == 1


def test_without_the_node_s_dependencies_one_line_says_what_to_do(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "click", None)
    assert main(["status"]) == 3
    assert "pip install 'gadfly[node]'" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["beat", "exec"])
def test_beat_and_exec_need_nothing_but_the_standard_library(command, monkeypatch):
    blocked = "click", "rich", "numpy", "msgspec", "textual", "starlette"
    code = f"import sys; sys.modules.update(dict.fromkeys({blocked}))\n"
    code += f"from gadfly.cli import main; main(['{command}', '--help'])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "usage" in done.stdout.lower()


def test_status_imports_neither_rich_nor_the_node(node):
    node.has(healthy=1)
    code = (
        "import sys; from gadfly.cli import main; main(['status'])\n"
        "heavy = {'rich', 'textual', 'numpy', 'msgspec', 'asyncio', 'starlette', 'gadfly.app'}\n"
        "found = heavy & set(sys.modules)\n"
        "sys.exit(f'imported {found}' if found else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_reader_who_leaves_is_no_error(node):
    node.has(down=1000)
    node.shows(*({"name": f"c{n}", "verdict": "down", "reason": "x" * 900} for n in range(1000)))
    with subprocess.Popen(
        [sys.executable, "-m", "gadfly", "status", "--limit", "1000"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == ""
        assert process.wait(10) == 141


@pytest.mark.usefixtures("_interruptible")
def test_ctrl_c_is_quiet(node):
    # `probe` waits for an answer that never comes.
    node.gives("story", {"probes": [{"kind": "tcp", "outcome": "fail", "at": 1.0}]})
    node.gives("probe/a", {"component": "a", "probes": 1}, method="POST", status=202)
    process = subprocess.Popen(
        [sys.executable, "-m", "gadfly", "probe", "a"], stderr=subprocess.PIPE, text=True
    )
    while len(node.asked) < 4:
        assert process.poll() is None
        os.sched_yield()
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=10)
    assert (process.returncode, err) == (130, "")


def test_version(gadfly):
    assert gadfly("version")[1].startswith("gadfly ")
