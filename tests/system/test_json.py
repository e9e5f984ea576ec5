"""--json: one document on standard output, and all that is for the eye on standard error."""

from __future__ import absolute_import, division, print_function

import json


from support.inside import add_link, ip


def document(result):
    """The one document on standard output."""
    assert result.out.endswith('}\n') and '\x1b' not in result.out, result
    found = json.loads(result.out)
    assert found['version'] == 1
    return found


def test_every_command_that_succeeds(run_netnsctl, pair):
    a, b = pair
    for words in (
        ['wire', a, b, '--dry-run'],
        ['wire', a, b],
        ['wire', a, b],
        ['ls'],
        ['show', '%s-%s' % pair],
        ['check', '%s-%s' % pair],
        ['unwire', a, b],
        ['unwire', '--if-exists', a, b],
        ['ls'],
        ['doctor', '--list-checks'],
    ):
        result = run_netnsctl(*words + ['--json'])
        assert result.status == 0, (words, result)
        document(result)


def test_doctor(run_netnsctl):
    result = run_netnsctl('doctor', '--json')
    found = document(result)
    assert result.status == (0 if found['fit'] else 1) and found['findings'], result
    for finding in found['findings']:
        assert finding['check'] and finding['status'] and finding['text']
    assert result.err == '', result


def test_a_failed_check_is_in_the_document_and_its_causes_on_standard_error(run_netnsctl, pair):
    a, b = pair
    add_link(b, 'astray')
    ip(b, 'route', 'add', '10.1.1.1/32', 'dev', 'astray')
    result = run_netnsctl('wire', '--json', a + ':A=10.1.1.1/24', b + ':B=10.1.1.2/24')
    check = document(result)['wires'][0]['check']
    assert result.status == 5 and check['ok'] is False and check['causes'], result
    assert set(check['causes'][0]) == set(['code', 'text', 'hint'])
    assert check['causes'][0]['text'] in result.err


def test_a_failure_is_a_document_with_the_error_and_the_exit_code(run_netnsctl, pair):
    a, b = pair
    missing = a + '-nobody'
    for words, status in (
        (['wire', a, missing], 3),
        (['wire', a, a], 4),
        (['wire', a], 2),
        (['wire', a, b, '--dry-run', '--mtu', '1'], 2),
        (['wire', '-f', '/nonexistent'], 2),
        (['wire', '--nosuch', a, b], 2),
        (['unwire', missing], 3),
        (['unwire', a, missing], 3),
        (['unwire'], 2),
        (['ls', missing], 3),
        (['show', missing], 3),
        (['show'], 2),
        (['check', missing], 3),
        (['check', '--all', a], 2),
        (['up', missing], 3),
        (['down', missing], 3),
        (['config', 'check', missing], 3),
        (['doctor', 'nosuch'], 2),
        (['repo', 'status', 'nosuch'], 2),
        (['shim', 'status', 'more'], 2),
        (['nosuch'], 2),
    ):
        result = run_netnsctl(*words + ['--json'])
        found = document(result)
        assert result.status == status == found['exit_code'], (words, result)
        assert result.err.startswith('netnsctl: %s\n' % found['error']), (words, result)


def test_a_failure_with_results_names_both(run_netnsctl, pair):
    a, b = pair
    result = run_netnsctl('wire', '-f', '-', '--json', feed='%s %s\nx\n' % pair)
    found = document(result)
    assert result.status == found['exit_code'] == 2 and len(found['wires']) == 1, result
    assert found['error'].startswith('-:2: ') and found['failed'][0]['line'] == 2, result
    result = run_netnsctl('ls', '--json', '%s-%s' % pair, a + '-nobody')
    found = document(result)
    assert result.status == found['exit_code'] == 3 and len(found['wires']) == 1, result


def test_a_failed_check_is_a_failure_of_the_document(run_netnsctl, pair):
    a, b = pair
    assert run_netnsctl('wire', a + ':A', b + ':B').status == 0
    ip(b, 'link', 'set', 'B', 'down')
    result = run_netnsctl('check', '--json', '%s:A-%s:B' % pair)
    found = document(result)
    assert result.status == found['exit_code'] == 5 and found['error'], result


def test_names_of_any_bytes_stay_json(run_netnsctl, pair):
    a, b = pair
    assert run_netnsctl('wire', a + ':A', b + ':B').status == 0
    ip(a, 'link', 'set', 'A', 'down')
    ip(a, 'link', 'set', 'A', 'name', 'x"\\\x1b\x7f')
    result = run_netnsctl('ls', '--json')
    remarks = [wire['remarks'] for wire in document(result)['wires'] if wire['name'].startswith(a)][0]
    assert u'x"\\\x1b\x7f' in remarks[0]
