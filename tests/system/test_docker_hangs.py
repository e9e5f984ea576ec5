"""A docker that takes requests and never answers, as docker.socket before docker.service: it costs a command its time
limit once, and not for each wire."""
from __future__ import absolute_import, division, print_function

import time

from support.tree import wires, write
from support.trees import PAIR

NAMES = ('w1', 'w2', 'w3', 'w4')
# One limit of 5 s, a second to see whether docker answers anything, and what a busy machine takes for the rest.
SECONDS = 12.0


def timed(host, environ, *words):
    begun = time.time()
    result = host(*words, environ=environ)
    return result, time.time() - begun


def test_a_docker_that_hangs_is_waited_for_once(host, engine):
    docker = engine(lambda request: None)
    write(host, dict(('docker:%s/ifcfg-e' % name, 'PEER=p%s\nIPADDR=10.2.%s.1\nPREFIX=24\n' % (name, name[1]))
                     for name in NAMES))
    write(host, PAIR)
    result, seconds = timed(host, docker.environ, 'up')
    assert result.status == 3 and seconds < SECONDS, (seconds, result)
    assert wires(host) == ['a:A-b:B']
    for name in NAMES:
        assert 'look up docker container %s: docker does not answer' % name in result.err
    for words in (('config', 'check'), ('watch', '--once')):
        result, seconds = timed(host, docker.environ, *words)
        assert result.status != 0 and seconds < SECONDS, (words, seconds, result)
    lines = ''.join('docker:%s:f=10.3.%s.1/24 host:q%s\n' % (name, name[1], name) for name in NAMES)
    begun = time.time()
    result = host('wire', '-f', '-', feed=lines, environ=docker.environ)
    assert result.status == 1 and time.time() - begun < SECONDS, result
    assert result.err.count('docker does not answer') == len(NAMES), result
