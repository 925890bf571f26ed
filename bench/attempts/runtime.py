"""Attempts on the interpreter, on what the sandbox itself left in it, and on what the supervisor has."""

from __future__ import annotations

import ctypes
import faulthandler
import fcntl
import gc
import os
import signal
import socket
import stat
import sys
import types

runtime_of_a_program: list[object] = []


def find_secrets_in_the_environment() -> object:
    return dict(os.environ)


def find_an_open_descriptor() -> object:
    """Besides the standard ones and the call's own."""
    for descriptor in range(4, 1024):
        try:
            os.fstat(descriptor)
        except OSError:
            continue
        return descriptor
    return None


def find_an_open_file() -> object:
    for descriptor in range(64):
        try:
            kind = os.fstat(descriptor).st_mode
        except OSError:
            continue
        if stat.S_ISREG(kind) or stat.S_ISDIR(kind):
            return descriptor
    return None


def find_a_socket_of_the_supervisor() -> object:
    """In memory: an object of Python's that still has an open socket. Outside, one that was left there."""
    try:
        os.close(os.open("/etc/hostname", os.O_RDONLY))
        runtime_of_a_program.append(socket.socketpair())
    except OSError:
        pass  # in a cell
    gc.collect()
    return [one for one in gc.get_objects() if isinstance(one, socket.socket) and one.fileno() >= 0]


def use_the_sandboxs_own_calls() -> object:
    kernel = sys.modules.get("gadfly.functions.sandbox.kernel")
    if kernel is None:
        if os.fork() == 0:
            os._exit(0)
        return os.wait()
    pid, _ = kernel.clone(0x10000000)
    if pid == 0:
        os._exit(0)
    return pid


def mount_by_the_sandboxs_own_calls() -> object:
    kernel = sys.modules.get("gadfly.functions.sandbox.kernel")
    if kernel is not None:
        kernel.mount("x", "/", "tmpfs", 0)
        return True
    if (pid := os.fork()) == 0:
        libc = ctypes.CDLL(None)
        libc.unshare(0x00020000)
        libc.mount(b"none", b"/", b"", 16384 | 1 << 18, None)
        os._exit(-libc.mount(b"x", b"/tmp", b"tmpfs", 0, None))
    return os.waitpid(pid, 0)[1] == 0


def take_orders_of_the_cell() -> object:
    """The first process of a cell has its orders on descriptor 3; so has a call its answer."""
    mine, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    mine.send(b"x")
    return its.recvmsg(16, 64)[0]


def steer_the_terminal() -> object:
    fcntl.ioctl(1, 0x541B, b"\0" * 4)
    return True


def be_told_of_input() -> object:
    reads, _ = os.pipe()
    fcntl.fcntl(reads, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(reads, fcntl.F_SETFL, fcntl.fcntl(reads, fcntl.F_GETFL) | os.O_ASYNC)
    return True


def be_told_of_changes_in_a_folder() -> object:
    held = os.open("/", os.O_RDONLY)
    signal.signal(signal.SIGUSR1, signal.SIG_IGN)
    fcntl.fcntl(held, fcntl.F_SETSIG, signal.SIGUSR1)
    fcntl.fcntl(held, fcntl.F_NOTIFY, 2)
    return True


def dump_core() -> object:
    import resource

    _, most = resource.getrlimit(resource.RLIMIT_CORE)
    return most != 0


def be_woken_by_a_fault() -> object:
    """A fault is the process's own affair, but to send it to another needs a signal."""
    faulthandler.dump_traceback_later(1000, file=sys.__stderr__)
    faulthandler.cancel_dump_traceback_later()
    os.kill(os.getppid() or 1, 0)
    return True


def load_a_library() -> object:
    return ctypes.CDLL("/lib/x86_64-linux-gnu/libutil.so.1")


def load_a_library_by_name() -> object:
    return ctypes.CDLL("libresolv.so.2")


def import_from_a_site() -> object:
    sys.path.append("/usr/lib/python3/dist-packages")
    return os.listdir("/usr/lib/python3/dist-packages")


def import_what_it_wrote() -> object:
    with open("/tmp/gadfly_attempt.py", "w") as file:
        file.write("x = 1\n")
    sys.path.insert(0, "/tmp")
    try:
        import gadfly_attempt  # type: ignore[import-not-found]
    finally:
        os.unlink("/tmp/gadfly_attempt.py")
    return isinstance(gadfly_attempt, types.ModuleType)


def know_the_users_home() -> object:
    return os.listdir(os.path.expanduser("~root"))


def know_the_users() -> object:
    import pwd

    return pwd.getpwall()


def read_the_history_of_the_machine() -> object:
    return os.getloadavg()


def count_the_machines_processors() -> object:
    with open("/proc/cpuinfo") as file:
        return file.read(64)


def keep_a_log_elsewhere() -> object:
    import logging.handlers

    handler = logging.handlers.SysLogHandler(("127.0.0.1", 9))
    handler.close()
    return True
