#!/usr/bin/python3
"""DISCO's node agent: makes this machine what its bundle says, and tells Heat how it went.

Heat puts credentials on the machine (os-collect-config). The agent polls the metadata of its server resource for
software deployments of group `disco`, carries out each bundle that it has not carried out yet, and signals status
code, log and error. Applying a bundle twice changes nothing. The first failure stops and is signalled: what failed,
what of it, how long or how often it was tried.

    agent.py                         poll for ever (what the loader starts)
    agent.py --once                  one round, then end
    agent.py --guard                 keep all accounts but root from the metadata address, then end (at each boot)
    agent.py --rehearse FOLDER       files go below FOLDER, commands are written to FOLDER/commands, not run

This text is joined from parts, each of which uses only what stands above it.
"""

import argparse
import base64
import contextlib
import errno
import glob
import grp
import gzip
import hashlib
import http.client
import json
import os
import pwd
import random
import re
import select
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tarfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

FORMAT = 1
RENEWED = 10
# How much of a text Heat is told, characters; the end of it is what matters.
TAIL = 4000
CREDENTIALS = os.environ.get("DISCO_CREDENTIALS", "/var/lib/heat-cfntools/cfn-init-data")
HOME = os.environ.get("DISCO_HOME", "/var/lib/disco")
# Accounts that cloud images come with.
LOGINS = ("debian", "ubuntu", "rocky", "almalinux", "fedora", "cloud-user")
BEGIN, END = "# DISCO begins", "# DISCO ends"


class Failure(Exception):
    """What could not be done, in words for the person at `disco apply`."""


class Superseded(Exception):
    """Heat no longer wants what is being done."""


def error_words(error):
    """An error in a few words: what it says, without the names that Python has for it."""
    if isinstance(error, urllib.error.HTTPError):
        return "HTTP %d %s" % (error.code, error.reason)
    if isinstance(error, urllib.error.URLError):
        return error_words(error.reason) if isinstance(error.reason, Exception) else str(error.reason)
    if isinstance(error, OSError) and error.strerror:
        return "%s%s" % (error.strerror, " (%s)" % error.filename if error.filename else "")
    return str(error) or type(error).__name__


def tail(text, lines):
    """The last lines of a text, as far as Heat is told of them."""
    return "\n".join(text.strip().splitlines()[-lines:])[-TAIL // 2:]


def keep_json(path, value):
    """Writes down what has to survive whatever happens, for root alone."""
    os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    descriptor = os.open(path + ".new", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(value, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(path + ".new", path)


def kept_json(path, default):
    try:
        with open(path) as file:
            return json.load(file)
    except (FileNotFoundError, ValueError):
        return default
