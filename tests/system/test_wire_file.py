"""`netnsctl wire -f`: many wires, each its own transaction, or all of them one."""
from __future__ import absolute_import, division, print_function

import json
import os
import signal
import time

import pytest

from support import inject, process
from support.inside import add_link, addresses, links, pings, routes
from support.untouched import assert_untouched, own_state


@pytest.fixture
def ns(netns):
    """Three namespaces."""
    return netns('a'), netns('b'), netns('c')


def write(tmpdir, text):
    path = str(tmpdir.join('wires'))
    with open(path, 'w') as stream:
        stream.write(text)
    return path


def test_a_file_with_comments_blank_lines_names_and_mtus(run_netnsctl, ns, tmpdir):
    a, b, c = ns
    before = own_state()
    path = write(
        tmpdir,
        '# all of them\n\n{a}:A=10.1.1.1/32   {b}:A=10.1.1.2/32  # the first\n'
        '\t{b}:B {c}:B --name {b}.named\n{a}:C {c}:C'.format(a=a, b=b, c=c),
    )
    result = run_netnsctl('wire', '-f', path)
    assert result.status == 0 and result.err == '', result
    assert [line.split(':')[0] for line in result.out.splitlines()] == [
        'wired ' + a,
        'wired %s.named' % b,
        'wired ' + a,
    ]
    assert result.out.count('(netlink, checked)') == 3
    assert pings(a, '10.1.1.2')
    again = run_netnsctl('wire', '-f', path)
    assert again.status == 0 and again.out.count('already wired: ') == 3, again
    listed = run_netnsctl('ls').out
    assert listed.count(' whole ') >= 3 and b + '.named ' in listed
    # Each has an entry of its own.
    assert run_netnsctl('unwire', b + '.named').status == 0
    assert run_netnsctl('unwire', a + ':A', b + ':A').status == 0
    assert run_netnsctl('unwire', a, c).status == 0
    assert_untouched(before)


def test_the_mtu_of_a_line_is_part_of_the_wire(run_netnsctl, ns):
    a, b, c = ns
    line = '%s:B %s:B --mtu 1400\n' % (a, b)
    assert run_netnsctl('wire', '-f', '-', feed=line).status == 0
    assert links(a)['B']['mtu'] == links(b)['B']['mtu'] == 1400
    again = run_netnsctl('wire', '-f', '-', feed=line)
    assert again.status == 0 and again.out.startswith('already wired: '), again


@pytest.mark.parametrize('backend', ['iproute', 'netlink'])
def test_by_both_backends_from_standard_input(run_netnsctl, ns, backend):
    a, b, c = ns
    before = own_state()
    result = run_netnsctl('wire', '-f', '-', '--backend', backend, feed='%s %s\n%s %s\n' % (a, b, b, c))
    assert result.status == 0 and result.out.count('(%s, checked)' % backend) == 2, result
    for pair in ((a, b), (b, c)):
        assert run_netnsctl('unwire', *pair).status == 0
    assert_untouched(before)


def test_what_failed_is_named_at_the_end_with_its_line_and_costs_only_itself(run_netnsctl, ns):
    a, b, c = ns
    add_link(c, 'taken')
    result = run_netnsctl(
        'wire',
        '-f',
        '-',
        feed='# one\n{a}:A {b}:A\n{a}:B {a}-nobody:B\n\n{b}:X {c}:taken\n{a}:C {c}:C\n'.format(a=a, b=b, c=c),
    )
    assert result.status == 3 and result.out.count('wired ') == 2, result
    lines = [line for line in result.err.splitlines() if not line.startswith('  ')]
    assert lines[0].startswith('netnsctl: -:3: ') and a + '-nobody' in lines[0], lines
    assert lines[1].startswith('netnsctl: -:5: ') and 'taken' in lines[1], lines
    assert lines[2] == 'netnsctl: standard input: 2 of 4 wires are in place' and len(lines) == 3, lines
    assert sorted(links(a)) == ['A', 'C'] and sorted(links(b)) == ['A']


def test_json_holds_what_stands_and_what_failed(run_netnsctl, ns):
    a, b, c = ns
    result = run_netnsctl('wire', '-f', '-', '--json', feed='%s %s\n%s %s-nobody\n' % (a, b, a, a))
    document = json.loads(result.out)
    assert result.status == 3 and document['version'] == 1
    assert [wire['name'] for wire in document['wires']] == ['%s-%s' % (a, b)]
    assert [(item['line'], item['exit_code']) for item in document['failed']] == [(2, 3)]
    assert '-:2: ' in result.err


def test_atomic_makes_all(run_netnsctl, ns):
    a, b, c = ns
    before = own_state()
    result = run_netnsctl('wire', '-f', '-', '--atomic', feed='%s %s\n%s %s\n' % (a, b, b, c))
    assert result.status == 0 and result.out.count('wired ') == 2, result
    assert run_netnsctl('ls').out.count(' whole ') >= 2
    for pair in ((a, b), (b, c)):
        assert run_netnsctl('unwire', *pair).status == 0
    assert_untouched(before)


def test_atomic_takes_all_back_if_one_fails(run_netnsctl, ns):
    a, b, c = ns
    add_link(c, 'taken')
    assert run_netnsctl('wire', a + ':old', b + ':old').status == 0
    before = own_state()
    result = run_netnsctl(
        'wire',
        '-f',
        '-',
        '--atomic',
        feed='%s:old %s:old\n%s %s\n%s %s\n%s %s:taken\n%s host\n' % (a, b, a, b, b, c, a, c, a),
    )
    assert result.status == 4 and result.out.count('wired ') <= 1, result
    assert '-:4: ' in result.err and 'taken' in result.err, result
    assert_untouched(before)
    assert [line for line in run_netnsctl('ls').out.splitlines() if a in line and ' whole ' in line]


def test_a_bad_name_in_a_file_is_refused(run_netnsctl, ns):
    a, b, c = ns
    before = own_state()
    result = run_netnsctl('wire', '-f', '-', '--atomic', feed='%s %s\n%s %s --name ../x\n' % (a, b, b, c))
    assert result.status == 2 and '-:2: ' in result.err and 'none is created' in result.err, result
    assert_untouched(before, 0.5)


def test_every_malformed_line_is_named_and_costs_only_itself(run_netnsctl, ns):
    a, b, c = ns
    feed = '{a}:A {b}:A\nx\n{a}:B {a}-nobody:B\n{b}:C {c}:C --mtu 5\n{a}:D {c}:D\n'.format(a=a, b=b, c=c)
    result = run_netnsctl('wire', '-f', '-', feed=feed)
    assert result.status == 2 and result.out.count('wired ') == 2, result
    lines = [line for line in result.err.splitlines() if not line.startswith('  ')]
    assert [line[:15] for line in lines[:3]] == ['netnsctl: -:%d: ' % number for number in (2, 3, 4)], result
    assert lines[3:] == ['netnsctl: standard input: 2 of 5 wires are in place; 2 lines are malformed'], result
    assert sorted(links(a)) == ['A', 'D']


def test_with_a_malformed_line_a_dry_run_prints_what_would_be_made(run_netnsctl, ns):
    a, b, c = ns
    before = own_state()
    result = run_netnsctl('wire', '-f', '-', '--dry-run', feed='x\n%s %s\n' % (a, b))
    assert result.status == 2 and 'veth' in result.out and result.err.startswith('netnsctl: -:1: '), result
    assert_untouched(before)


@pytest.mark.parametrize(
    'line',
    [
        'A',
        '{a} {b} {c}',
        '{a} {b} --backend netlink',
        '{a} {b} --name',
        '{a} {b} --mtu 1',
        '{a}:lo {b}',
        '{a} "{b}',
        "{a} {b} '",
        '{a} {b}\r',
        '{a}=10.1/24 {b}',
        '-x {b}',
        '{a} {b}\\',
        '{a} {b}:\x1b',
        'x' * 70000,
        '{a}:A=10.1.1.1/40 {b}',
    ],
)
def test_a_line_that_is_wrong_is_status_2_with_its_number_and_with_atomic_nothing_is_made(run_netnsctl, ns, line):
    a, b, c = ns
    before = own_state()
    result = run_netnsctl('wire', '-f', '-', '--atomic', feed='%s %s\n%s\n' % (a, c, line.format(a=a, b=b, c=c)))
    assert result.status == 2 and result.out == '' and result.err.startswith('netnsctl: -:2: '), result
    assert '\x1b' not in result.err and len(result.err) < 1000
    assert_untouched(before)


def test_odd_files_are_refused(run_netnsctl, ns, tmpdir):
    a, b, c = ns
    before = own_state()
    fifo = str(tmpdir.join('fifo'))
    os.mkfifo(fifo)
    good = ('%s %s\n' % (a, b)).encode()
    contents = {
        'bom': b'\xef\xbb\xbf' + good,
        'crlf': good.replace(b'\n', b'\r\n'),
        'nul': good + b'a\0b c\n',
        'long': b'# ' + b'x' * (10 << 20) + b'\n',
    }
    for name, content in contents.items():
        path = str(tmpdir.join(name))
        with open(path, 'wb') as stream:
            stream.write(content)
    for path in [fifo, str(tmpdir), '/dev/zero', '/nonexistent', ''] + [
        str(tmpdir.join(name)) for name in sorted(contents)
    ]:
        result = run_netnsctl('wire', '-f', path, '--atomic', timeout=20)
        assert result.status == 2 and result.out == '' and 'Traceback' not in result.err, (path, result)
        assert len(result.err.splitlines()) <= 2
    assert_untouched(before)


def test_a_line_that_is_no_utf8_is_refused(run_netnsctl, ns):
    before = own_state()
    result = run_netnsctl('wire', '-f', '-', '--atomic', feed=('%s %s\n' % ns[:2]).encode() + b'\xff\xfe \x80\n')
    assert result.status == 2 and '-:2: ' in result.err and 'Traceback' not in result.err, result
    assert_untouched(before)


def test_an_empty_file_makes_nothing(run_netnsctl):
    for text in ('', '\n', '# nothing\n\n'):
        result = run_netnsctl('wire', '-f', '-', feed=text)
        assert (result.status, result.out) == (0, 'nothing to do: there are no wires in standard input\n'), result


def test_the_same_wire_twice_in_a_file(run_netnsctl, ns):
    a, b, c = ns
    twice = run_netnsctl('wire', '-f', '-', feed='%s:A %s:A\n%s:A %s:A\n' % (a, b, b, a))
    assert twice.status == 0 and twice.out.splitlines()[1].startswith('already wired: '), twice
    assert run_netnsctl('unwire', a, b).status == 0
    before = own_state()
    atomic = run_netnsctl('wire', '-f', '-', '--atomic', feed='%s:A %s:A\n%s:A %s:A\n' % (a, b, b, a))
    assert atomic.status == 2 and 'netnsctl: -:2: it is the same wire as line 1: ' in atomic.err, atomic
    assert_untouched(before)


def many(a, b, count):
    return ''.join(
        '%s:x%d=10.50.%d.1/32 %s:x%d=10.50.%d.2/32\n' % (a, number, number, b, number, number)
        for number in range(count)
    )


def test_sigkill_in_the_middle_of_atomic_leaves_nothing_once_the_next_command_has_run(run_netnsctl, ns):
    inject.available()
    a, b, c = ns
    before = own_state()
    words = ['wire', '-f', '-', '--atomic', '--no-check']
    # Each wire's record is renamed into place twice before the group is marked, by one more rename.
    for at in inject.sample(12, 6):
        popen = process.start(
            [
                'strace',
                '-f',
                '-qq',
                '-o',
                '/dev/null',
                '-e',
                'trace=rename',
                '-e',
                'inject=rename:signal=KILL:when=%d' % at,
            ]
            + run_netnsctl.argv(*words),
            run_netnsctl.environ(),
        )
        killed = process.finish(popen, many(a, b, 5))
        assert killed.status == -9, (at, killed)
        cleared = run_netnsctl('unwire', '--if-exists', a, c)
        assert cleared.status == 0, cleared
        wires = [line for line in run_netnsctl('ls').out.splitlines() if a in line]
        assert len(wires) in (0, 5) and len([line for line in wires if ' whole ' in line]) == len(wires), (at, wires)
        for number in range(5):
            run_netnsctl('unwire', '%s:x%d' % (a, number), b)
        without_litter(before)


def without_litter(before):
    """As assert_untouched, and says of the temporary files a killed run left what they are."""
    state = own_state()['state']
    litter = [line.split()[0] for line in state if '.tmp ' in line]
    for path in litter:
        os.unlink(path)
    assert_untouched(before)


def recorded():
    """How many files there are in the journal; quicker than a look at the links, as 250 wires take half a second."""
    return len(os.listdir('/run/netnsctl/wires')) if os.path.isdir('/run/netnsctl/wires') else 0


@pytest.mark.parametrize('signum', [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize('words', [[], ['--atomic']])
def test_a_signal_in_the_middle_leaves_whole_wires_or_none(run_netnsctl, ns, signum, words):
    a, b, c = ns
    before = own_state()
    popen = run_netnsctl.start('wire', '-f', '-', '--no-check', *words)
    popen.stdin.write(many(a, b, 250).encode())
    popen.stdin.close()
    popen.stdin = None
    deadline = time.time() + 20
    while recorded() < 10 and time.time() < deadline and popen.poll() is None:
        time.sleep(0.001)
    popen.send_signal(signum)
    out, err = popen.communicate()
    assert popen.returncode == 128 + signum, (popen.returncode, err)
    assert b'Traceback' not in err
    assert ('ended by signal %d: ' % signum).encode('ascii') in err and b' of 250 wires are in place' in err, err
    listed = [line for line in run_netnsctl('ls').out.splitlines() if a in line]
    assert len([line for line in listed if ' whole ' in line]) == len(listed) == len(links(a))
    # Links of wires that were not yet committed are gone again.
    assert (len(listed) == 0) if words else (0 < len(listed) < 250)
    for line in listed:
        assert run_netnsctl('unwire', line.split()[0]).status == 0
    without_litter(before)


@pytest.mark.parametrize('words', [[], ['--json']])
def test_a_signal_during_unwire_keeps_what_is_removed_and_names_it(run_netnsctl, ns, words):
    a, b, c = ns
    before = own_state()
    assert run_netnsctl('wire', '-f', '-', '--no-check', feed=many(a, b, 250)).status == 0
    names = [line.split()[0] for line in run_netnsctl('ls').out.splitlines() if a in line]
    popen = run_netnsctl.start('unwire', *(words + names))
    deadline = time.time() + 20
    while len(links(a)) > 240 and time.time() < deadline and popen.poll() is None:
        time.sleep(0.001)
    popen.send_signal(signal.SIGTERM)
    out, err = popen.communicate()
    left = [line.split()[0] for line in run_netnsctl('ls').out.splitlines() if a in line]
    if popen.returncode == 0:
        assert left == []  # it was faster than this test
    else:
        said = '%d of 250 wires were removed' % (250 - len(left))
        assert popen.returncode == 143 and 'ended by signal 15: %s' % said in err.decode(), (popen.returncode, err)
        gone = json.loads(out.decode())['unwired'] if words else [line.split()[1] for line in out.decode().splitlines()]
        assert sorted(gone) == sorted(set(names) - set(left))
        assert len(left) == len(links(a)) and run_netnsctl('unwire', '--if-exists', *left).status == 0
    without_litter(before)


def test_wires_of_one_file_do_not_get_one_address_twice(run_netnsctl, ns):
    a, b, c = ns
    result = run_netnsctl(
        'wire',
        '-f',
        '-',
        '--no-check',
        '--pool',
        '10.60.0.0/24',
        feed=''.join('%s:y%d %s:y%d\n' % (a, number, b, number) for number in range(20)),
    )
    assert result.status == 0, result
    found = [address for number in range(20) for address in addresses(a, 'y%d' % number) + addresses(b, 'y%d' % number)]
    assert len(set(found)) == 40
    assert len(routes(a)) == 20


def test_a_dry_run_names_every_line_that_would_fail_and_prints_the_others(run_netnsctl, ns):
    a, b, c = ns
    assert run_netnsctl('wire', '--name', a, a + ':old', b + ':old').status == 0
    before = own_state()
    lines = ['%s:A %s-nobody:A' % (a, a), '%s:B %s:B' % (a, b), 'x', '%s:old=10.9.9.9 %s:old --name %s' % (a, b, a),
             '%s:C=10.1.1.1/40 %s:C' % (a, c), '%s:D %s:D' % (b, c)]
    feed = ''.join(line + '\n' for line in lines)
    result = run_netnsctl('wire', '-f', '-', '--dry-run', feed=feed)
    named = [line for line in result.err.splitlines() if line.startswith('netnsctl: ')]
    assert [line.split(': ')[1] for line in named] == ['-:1', '-:3', '-:4', '-:5'], result
    assert ' B ' in result.out and ' D ' in result.out and ' C ' not in result.out, result
    document = json.loads(run_netnsctl('wire', '-f', '-', '--dry-run', '--json', feed=feed).out)
    assert [(item['line'], item['exit_code']) for item in document['failed']] == [(1, 3), (3, 2), (4, 4), (5, 2)]
    assert len(document['commands']) == len(result.out.splitlines())
    together = run_netnsctl('wire', '-f', '-', '--dry-run', '--atomic', feed=feed)
    assert together.out == '' and together.err.count('netnsctl: -:') == 2 and together.status == 2, together
    assert_untouched(before)
    real = run_netnsctl('wire', '-f', '-', feed=feed)
    assert result.status == real.status == 3, real


def test_a_file_names_the_files_that_it_saves(host):
    host.sh('ip netns add a; ip netns add b')
    feed = 'a:A b:A\na:B b:B\n'
    result = host('wire', '--save', '-f', '-', feed=feed)
    assert [line.split()[0] for line in result.out.splitlines()] == ['wired', 'wrote', 'wrote'] * 2, result
    assert 'wrote ' not in host('wire', '--save', '-f', '-', feed=feed).out


@pytest.mark.parametrize('options', [(), ('--atomic',), ('--dry-run', '--json')], ids=' '.join)
def test_a_file_without_wires_says_so(run_netnsctl, options):
    result = run_netnsctl('wire', '-f', '-', *options, feed='# none yet\n\n')
    assert result.status == 0 and result.err == '', result
    if '--json' not in options:
        assert result.out == 'nothing to do: there are no wires in standard input\n'


def test_a_line_that_fails_has_its_hint_in_json(run_netnsctl, ns):
    assert run_netnsctl('wire', ns[0] + ':A=10.1.1.1/24', ns[1] + ':B=10.1.1.2/24').status == 0
    feed = '%s a,10.1.1.1/32 b\n%s:A=10.1.1.3/24 %s:B=10.1.1.2/24\n' % (ns[0], ns[0], ns[1])
    failed = json.loads(run_netnsctl('wire', '--json', '-f', '-', feed=feed).out)['failed']
    assert [item['line'] for item in failed] == [1, 2] and '--replace' in failed[1]['hint'], failed
