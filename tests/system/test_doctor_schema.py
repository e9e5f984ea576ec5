"""What `doctor --json` prints holds to docs/doctor.schema.json, which those who read it can rely on."""

from __future__ import absolute_import, division, print_function

import copy
import json
import os

import jsonschema
import pytest

from support.program import TOP

with open(os.path.join(TOP, 'docs', 'doctor.schema.json')) as source:
    SCHEMA = json.load(source)


def validate(document):
    jsonschema.Draft4Validator(SCHEMA).validate(document)


@pytest.fixture
def findings(run_netnsctl):
    return json.loads(run_netnsctl('doctor', '--json', 'privileges', 'veth', 'ip').out)


def test_the_schema_is_one():
    jsonschema.Draft4Validator.check_schema(SCHEMA)


def test_every_finding_holds_to_it_on_this_host(run_netnsctl):
    validate(json.loads(run_netnsctl('doctor', '--json').out))


def test_findings_with_remedies_hold_to_it(run_netnsctl, old_ip, as_nobody):
    document = json.loads(run_netnsctl('doctor', '--json', path=old_ip).out)
    validate(document)
    assert [finding for finding in document['findings'] if finding['remediation']]
    document = json.loads(as_nobody('doctor', '--json').out)
    validate(document)
    assert document['fit'] is False


def test_the_list_of_checks_holds_to_it(run_netnsctl):
    validate(json.loads(run_netnsctl('doctor', '--list-checks', '--json').out))


@pytest.mark.parametrize('damage', [
    lambda document: document.pop('fit'),
    lambda document: document.update(more=1),
    lambda document: document['findings'][0].pop('tier'),
    lambda document: document['findings'][0].update(status='good'),
    lambda document: document['findings'][0].update(text='two\nlines'),
    lambda document: document['findings'][0].update(remediation={'prose': 'x'}),
    lambda document: document['findings'][0].update(evidence=[['what', 'seen']])])
def test_a_document_that_lacks_or_adds_something_does_not(findings, damage):
    validate(findings)
    damaged = copy.deepcopy(findings)
    damage(damaged)
    with pytest.raises(jsonschema.ValidationError):
        validate(damaged)
