"""Attempts on the network, and on sockets that are none of it."""

from __future__ import annotations

import asyncio
import os
import socket
import urllib.request
import xmlrpc.client

from _raw import call, word


def open_tcp() -> object:
    return socket.socket(socket.AF_INET, socket.SOCK_STREAM).fileno() >= 0


def open_tcp_of_version_6() -> object:
    return socket.socket(socket.AF_INET6, socket.SOCK_STREAM).fileno() >= 0


def open_udp() -> object:
    return socket.socket(socket.AF_INET, socket.SOCK_DGRAM).fileno() >= 0


def open_a_local_stream() -> object:
    return socket.socket(socket.AF_UNIX, socket.SOCK_STREAM).fileno() >= 0


def open_local_datagrams() -> object:
    return socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).fileno() >= 0


def open_netlink() -> object:
    return socket.socket(socket.AF_NETLINK, socket.SOCK_RAW).fileno() >= 0


def open_packets() -> object:
    return socket.socket(socket.AF_PACKET, socket.SOCK_RAW).fileno() >= 0


def open_raw() -> object:
    return socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP).fileno() >= 0


def open_the_hypervisors() -> object:
    try:
        return socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM).fileno() >= 0
    except OSError as error:
        if error.errno == 97:  # this kernel has none: the next best, of the kernel's own crypto
            return socket.socket(socket.AF_ALG, socket.SOCK_SEQPACKET).fileno() >= 0
        raise


def pair_datagrams() -> object:
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)[0].fileno() >= 0


def pair_packets() -> object:
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)[0].fileno() >= 0


def send_to_another_without_a_socket() -> object:
    """A pair of datagrams reaches any local socket by its name, without socket(2)."""
    mine, _ = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    other = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    other.bind("\0gadfly-attempt")
    return mine.sendto(b"x", "\0gadfly-attempt") == 1


def name_an_address_to_send_to() -> object:
    mine, _ = socket.socketpair()
    try:
        mine.sendto(b"x", "\0gadfly-attempt-none")
    except OSError as error:
        return error.errno in (106, 111, 107)  # the kernel looked at the address
    return True


def connect_a_pair() -> object:
    mine, _ = socket.socketpair()
    try:
        mine.connect("\0gadfly-attempt-none")
    except OSError as error:
        return error.errno in (106, 111)
    return True


def bind_a_pair() -> object:
    mine, _ = socket.socketpair()
    mine.bind("\0gadfly-attempt-bound")
    return True


def listen_on_a_port() -> object:
    made = socket.socket()
    made.bind(("127.0.0.1", 0))
    made.listen()
    return True


def talk_to_itself() -> object:
    server = socket.create_server(("127.0.0.1", 0))
    with socket.create_connection(server.getsockname()) as made:
        return made.send(b"x")


def serve_with_asyncio() -> object:
    async def serve() -> bool:
        server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
        listening = bool(server.sockets)
        server.close()
        return listening

    return asyncio.run(serve())


def look_up_a_name() -> object:
    return socket.getaddrinfo("localhost", 80)


def fetch_a_page() -> object:
    try:
        urllib.request.urlopen("http://127.0.0.1:1/", timeout=2)
    except OSError as error:
        return "refused" in str(error)  # by who is asked: it was asked
    return True


def call_a_procedure() -> object:
    try:
        xmlrpc.client.ServerProxy("http://127.0.0.1:1/").x()
    except ConnectionRefusedError:
        return True
    return True


def hand_over_a_descriptor() -> object:
    mine, its = socket.socketpair()
    socket.send_fds(mine, [b"x"], [0])
    return socket.recv_fds(its, 1, 1)[1]


def take_a_message_with_descriptors() -> object:
    mine, its = socket.socketpair()
    mine.send(b"x")
    return its.recvmsg(1, 64)[0]


def ask_who_is_there() -> object:
    mine, _ = socket.socketpair()
    return mine.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)


def set_a_socket() -> object:
    mine, _ = socket.socketpair()
    mine.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
    return True


def ask_for_interfaces() -> object:
    return socket.if_nameindex()


def send_many_at_once() -> object:
    mine, _ = socket.socketpair()
    return call(307, word(mine.fileno()), None, word(0), word(0)) == 0


def make_a_tunnel() -> object:
    return (
        os.open("/dev/net/tun", os.O_RDWR) >= 0
        if os.path.exists("/dev/net/tun")
        else call(41, word(2), word(2), word(0)) >= 0
    )
