"""Attempts on processes: to start one, to signal, trace or see another, to be somebody else."""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import pty
import resource
import signal
import subprocess
import threading


def _waited(pid: int) -> bool:
    if pid == 0:
        os._exit(0)
    return os.waitpid(pid, 0)[0] == pid


def fork() -> object:
    return _waited(os.fork())


def fork_with_a_terminal() -> object:
    return _waited(pty.fork()[0])


def fork_twice() -> object:
    if (first := os.fork()) == 0:
        os._exit(0 if _waited(os.fork()) else 1)
    return os.waitpid(first, 0)[1] == 0


def run_a_program() -> object:
    return subprocess.run(["/bin/true"], check=True).returncode == 0


def run_a_shell() -> object:
    return os.system("true") == 0


def spawn() -> object:
    return _waited(os.posix_spawn("/bin/true", ["true"], {}))


def become_another_program() -> object:
    # Where this is allowed the answer is the program's.
    os.dup2(os.dup(1), 1)
    if os.fork() == 0:
        os.execv("/bin/true", ["true"])
    return os.wait()[1] == 0


def use_worker_processes() -> object:
    process = multiprocessing.get_context("fork").Process(target=int)
    process.start()
    process.join()
    return process.exitcode == 0


def signal_the_parent() -> object:
    os.kill(os.getppid() or 1, 0)
    return True


def signal_itself() -> object:
    os.kill(os.getpid(), 0)
    return True


def signal_everybody() -> object:
    os.killpg(os.getpgid(0), 0)
    return True


def signal_the_first() -> object:
    os.kill(1, 0)
    return True


def signal_a_thread() -> object:
    signal.pthread_kill(threading.get_ident(), 0)
    return True


def raise_a_signal() -> object:
    signal.signal(signal.SIGUSR1, signal.SIG_IGN)
    signal.raise_signal(signal.SIGUSR1)
    return True


def hold_the_parent() -> object:
    return os.pidfd_open(os.getppid() or 1) >= 0


def hold_itself() -> object:
    return os.pidfd_open(os.getpid()) >= 0


def set_an_alarm() -> object:
    signal.setitimer(signal.ITIMER_REAL, 100)
    return True


def be_less_nice() -> object:
    os.setpriority(os.PRIO_PROCESS, 0, -5)
    return True


def be_nicer() -> object:
    os.nice(1)
    return True


def choose_a_processor() -> object:
    os.sched_setaffinity(0, os.sched_getaffinity(0))
    return True


def choose_a_schedule() -> object:
    os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
    return True


def lead_a_session() -> object:
    if (pid := os.fork()) == 0:
        os.setsid()
        os._exit(0)
    return os.waitpid(pid, 0)[1] == 0


def lead_a_group() -> object:
    os.setpgid(0, 0)
    return True


def become_root() -> object:
    os.setuid(0)
    return True


def become_root_in_effect() -> object:
    os.setresuid(0, 0, 0)
    return True


def become_roots_group() -> object:
    os.setgid(0)
    return True


def join_groups() -> object:
    os.setgroups([0])
    return True


def raise_a_limit() -> object:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return True


def lower_a_limit() -> object:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    return True


def limit_the_parent() -> object:
    return resource.prlimit(os.getppid() or 1, resource.RLIMIT_NOFILE)


def change_the_mask() -> object:
    return os.umask(0o077) >= 0


def have_many_threads() -> object:
    held = threading.Event()
    started: list[threading.Thread] = []
    threading.stack_size(64 << 10)
    try:
        for _ in range(80):
            one = threading.Thread(target=held.wait, daemon=True)
            one.start()
            started.append(one)
    finally:
        held.set()
    return len(started) == 80


def count_as_another() -> object:
    return ctypes.CDLL(None).getsid(0) >= 0 and os.getpgrp() > 0
