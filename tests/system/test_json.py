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
        ['unwire', a, b],
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
    assert result.err.startswith('fit') or result.err.startswith('not fit'), result.err


def test_a_failed_check_is_in_the_document_and_its_causes_on_standard_error(run_netnsctl, pair):
    a, b = pair
    add_link(b, 'astray')
    ip(b, 'route', 'add', '10.1.1.1/32', 'dev', 'astray')
    result = run_netnsctl('wire', '--json', a + ':A=10.1.1.1/24', b + ':B=10.1.1.2/24')
    check = document(result)['wires'][0]['check']
    assert result.status == 5 and check['ok'] is False and check['causes'], result
    assert set(check['causes'][0]) == set(['code', 'text', 'hint'])
    assert check['causes'][0]['text'] in result.err


def test_an_error_leaves_standard_output_empty_or_a_document(run_netnsctl, pair):
    a, b = pair
    for words, status in (
        (['wire', a, b + '-nobody'], 3),
        (['wire', a, a], 4),
        (['wire', a], 2),
        (['show', a], 3),
        (['check', a], 3),
    ):
        result = run_netnsctl(*words + ['--json'])
        assert result.status == status and result.err.startswith('netnsctl: '), result
        if result.out:
            document(result)


def test_names_of_any_bytes_stay_json(run_netnsctl, pair):
    a, b = pair
    assert run_netnsctl('wire', a + ':A', b + ':B').status == 0
    ip(a, 'link', 'set', 'A', 'down')
    ip(a, 'link', 'set', 'A', 'name', 'x"\\\x1b\x7f')
    result = run_netnsctl('ls', '--json')
    remarks = [wire['remarks'] for wire in document(result)['wires'] if wire['name'].startswith(a)][0]
    assert u'x"\\\x1b\x7f' in remarks[0]
