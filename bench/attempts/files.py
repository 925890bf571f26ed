"""Attempts on files: to read the host's, to write anywhere, to change what Landlock says nothing about."""

from __future__ import annotations

import fcntl
import mmap
import os
import sqlite3
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
OWN = os.path.join(HERE, "attempt.py")


def _read(path: str) -> bytes:
    with open(path, "rb", buffering=0) as file:
        return file.read(64) or b"empty"


def _made(path: str) -> bool:
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    os.unlink(path)
    return True


def read_passwd() -> object:
    return _read("/etc/passwd")


def read_shadow() -> object:
    return _read("/etc/shadow")


def read_machine_id() -> object:
    return _read("/etc/hostname")


def read_hosts() -> object:
    return _read("/etc/hosts")


def list_etc() -> object:
    return os.listdir("/etc")


def list_root() -> object:
    return os.listdir("/")


def list_var() -> object:
    return os.listdir("/var")


def read_environment() -> object:
    return _read("/proc/self/environ")


def read_own_maps() -> object:
    return _read("/proc/self/maps")


def write_own_memory() -> object:
    return os.open("/proc/self/mem", os.O_RDWR) >= 0


def list_own_descriptors() -> object:
    return os.listdir("/proc/self/fd")


def list_processes() -> object:
    return os.listdir("/proc")


def read_first_process() -> object:
    return _read("/proc/1/cmdline")


def read_mounts() -> object:
    return _read("/proc/self/mountinfo")


def read_kernel_settings() -> object:
    return _read("/proc/sys/kernel/pid_max")


def read_network_of_host() -> object:
    return _read("/proc/net/route")


def list_devices() -> object:
    return os.listdir("/dev")


def open_null() -> object:
    return os.open("/dev/null", os.O_RDWR) >= 0


def open_zero() -> object:
    return _read("/dev/zero")


def list_sys() -> object:
    return os.listdir("/sys")


def read_interpreter() -> object:
    return _read(os.path.realpath(sys.executable))


def read_c_library() -> object:
    return _read("/etc/ld.so.cache")


def make_in_shared_memory() -> object:
    return _made("/dev/shm/gadfly-attempt")


def make_in_tmp() -> object:
    return _made("/tmp/gadfly-attempt")


def make_in_var_tmp() -> object:
    return _made("/var/tmp/gadfly-attempt")


def make_beside_the_code() -> object:
    return _made(os.path.join(HERE, "gadfly-attempt"))


def make_in_the_library() -> object:
    return _made(os.path.join(os.path.dirname(os.__file__), "gadfly-attempt"))


def make_in_the_root() -> object:
    return _made("/gadfly-attempt")


def make_a_folder() -> object:
    os.mkdir("/tmp/gadfly-attempt-folder")
    os.rmdir("/tmp/gadfly-attempt-folder")
    return True


def append_to_own_code() -> object:
    return os.open(OWN, os.O_WRONLY | os.O_APPEND) >= 0


def truncate_by_opening() -> object:
    with tempfile.NamedTemporaryFile(dir=HERE) as file:
        return os.open(file.name, os.O_WRONLY | os.O_TRUNC) >= 0


def truncate_by_name() -> object:
    os.truncate(OWN, os.path.getsize(OWN))
    return True


def map_code_to_write() -> object:
    with open(OWN, "r+b") as file:
        return len(mmap.mmap(file.fileno(), 10, mmap.MAP_SHARED))


def unlink_own_code() -> object:
    copy = OWN + ".copy"
    os.link(OWN, copy)
    os.unlink(copy)
    return True


def rename_a_file() -> object:
    os.link(OWN, OWN + ".one")
    os.rename(OWN + ".one", OWN + ".two")
    os.unlink(OWN + ".two")
    return True


def link_symbolically() -> object:
    os.symlink("/etc/passwd", "/tmp/gadfly-attempt-link")
    os.unlink("/tmp/gadfly-attempt-link")
    return True


def make_a_pipe_with_a_name() -> object:
    os.mkfifo("/tmp/gadfly-attempt-pipe")
    os.unlink("/tmp/gadfly-attempt-pipe")
    return True


def change_mode() -> object:
    os.chmod(OWN, os.stat(OWN).st_mode & 0o7777)
    return True


def change_mode_of_open_file() -> object:
    descriptor = os.open(OWN, os.O_RDONLY)
    os.fchmod(descriptor, os.fstat(descriptor).st_mode & 0o7777)
    return True


def change_owner() -> object:
    os.chown(OWN, -1, -1)
    return True


def change_times() -> object:
    found = os.stat(OWN)
    os.utime(OWN, ns=(found.st_atime_ns, found.st_mtime_ns))
    return True


def set_attribute() -> object:
    os.setxattr(OWN, "user.gadfly", b"1")
    os.removexattr(OWN, "user.gadfly")
    return True


def read_attributes() -> object:
    return os.listxattr(OWN) is not None


def climb_out() -> object:
    return _read(os.path.join(HERE, *[".."] * 12, "etc/passwd"))


def climb_by_descriptor() -> object:
    root = os.open("/", os.O_RDONLY | os.O_DIRECTORY)
    return os.open("etc/passwd", os.O_RDONLY, dir_fd=root) >= 0


def climb_by_path_descriptor() -> object:
    root = os.open("/", os.O_PATH)
    return os.open("etc/passwd", os.O_RDONLY, dir_fd=root) >= 0


def change_folder() -> object:
    os.chdir("/")
    return True


def change_root() -> object:
    os.chroot("/")
    return True


def keep_a_database() -> object:
    made = sqlite3.connect("/tmp/gadfly-attempt.db")
    made.execute("CREATE TABLE IF NOT EXISTS t (a)")
    made.close()
    os.unlink("/tmp/gadfly-attempt.db")
    return True


def make_a_temporary_file() -> object:
    with tempfile.TemporaryFile() as file:
        return file.write(b"x")


def make_a_file_without_name() -> object:
    return os.open("/tmp", os.O_RDWR | os.O_TMPFILE) >= 0


def lock_a_file_of_the_library() -> object:
    fcntl.flock(os.open(os.__file__, os.O_RDONLY), fcntl.LOCK_EX | fcntl.LOCK_NB)
    return True
