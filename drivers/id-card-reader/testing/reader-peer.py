#!/usr/bin/env python3
"""A reader of resident ID cards on a pseudo-terminal, written from the tables of GA/T 467-2019 alone.

It shares no line with the driver that is tested against it. It prints one line of JSON, the port and what the card
says, then obeys lines on standard input: "lay", "lift". It ends with its standard input.
"""
import json
import os
import pty
import select
import sys
import tty

PREAMBLE = b"\xaa\xaa\xaa\x96\x69"


def check(data):
    value = 0
    for byte in data:
        value ^= byte
    return bytes([value])


def reply(status, data=b""):
    counted = (len(data) + 4).to_bytes(2, "big") + b"\x00\x00" + bytes([status]) + data
    return PREAMBLE + counted + check(counted)


def number_of(first17):
    weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
    total = sum(weight * int(digit) for weight, digit in zip(weights, first17))
    return first17 + "10X98765432"[total % 11]


CARD = {
    "name": "虚构\ue863",
    "sex": "2",
    "nation": "05",
    "birth": "19491001",
    "address": "虚构自治区虚构市 虚构路7号",
    "number": number_of("65010119491001123"),
    "authority": "虚构市公安局",
    "from": "20100229"[:4] + "0228",
    "to": "长期",
    "latest": "虚构市新虚构路8号",
}

PLACES = [  # name, offset, bytes
    ("name", 0, 30),
    ("sex", 30, 2),
    ("nation", 32, 4),
    ("birth", 36, 16),
    ("address", 52, 70),
    ("number", 122, 36),
    ("authority", 158, 30),
    ("from", 188, 16),
    ("to", 204, 16),
]


def record():
    text = bytearray(" ".encode("utf-16-le") * 128)
    for name, offset, size in PLACES:
        field = CARD[name].encode("utf-16-le")
        assert len(field) <= size
        text[offset : offset + len(field)] = field
    return bytes(text)


PHOTO = bytes((i * 7 + 3) % 251 for i in range(1024))
PRINT = bytes((i * 11 + 5) % 241 for i in range(1024))


class Reader:
    def __init__(self):
        self.card = self.found = self.selected = self.read = False

    def lay(self, card):
        self.card = card
        self.found = self.selected = self.read = False

    def answer(self, command, parameter):
        if command in (0x10, 0x11):
            return reply(0x90)
        if command == 0x12:
            return reply(0x90, bytes.fromhex("0500 0300 0a0f3401 d2040000 2e160000"))
        if (command, parameter) == (0x20, 0x01):
            self.found = self.card and not self.read
            return reply(0x9F, b"\x00" * 4) if self.found else reply(0x80)
        if (command, parameter) == (0x20, 0x02):
            self.selected = self.found
            return reply(0x90, b"\x00" * 8) if self.selected else reply(0x81)
        if command == 0x30:
            if not (self.card and self.selected):
                return reply(0x41)
            self.read = True
            text = record()
            if parameter == 0x01:
                return reply(0x90, b"\x01\x00\x04\x00" + text + PHOTO)
            if parameter == 0x10:
                return reply(0x90, b"\x01\x00\x04\x00\x04\x00" + text + PHOTO + PRINT)
            if parameter == 0x03:
                return reply(0x90, CARD["latest"].ljust(35).encode("utf-16-le"))
        return reply(0x21)


def main():
    master, slave = pty.openpty()
    tty.setraw(slave)
    print(json.dumps({"port": os.ttyname(slave), "card": CARD}), flush=True)
    reader, waiting = Reader(), b""
    while True:
        ready, _, _ = select.select([master, sys.stdin], [], [])
        if sys.stdin in ready:
            order = sys.stdin.readline()
            if order == "":
                return
            reader.lay(order.strip() == "lay")
            print("done", flush=True)
        if master in ready:
            waiting += os.read(master, 4096)
            while True:
                start = waiting.find(PREAMBLE)
                if start < 0:
                    waiting = waiting[-4:]
                    break
                waiting = waiting[start:]
                if len(waiting) < 7 or len(waiting) < 7 + int.from_bytes(waiting[5:7], "big"):
                    break
                size = 7 + int.from_bytes(waiting[5:7], "big")
                request, waiting = waiting[:size], waiting[size:]
                good = size >= 10 and check(request[5:-1]) == request[-1:]
                out = reader.answer(request[7], request[8]) if good else reply(0x10)
                while out:
                    out = out[os.write(master, out) :]


main()
