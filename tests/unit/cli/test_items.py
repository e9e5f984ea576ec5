"""cli.output.emit_json_items prints what emit_json prints of the same values."""
from __future__ import absolute_import, division, print_function

import json

import pytest

from netnsctl.cli import output
from netnsctl.errors import NotFoundError

WIRES = [{'name': 'a\n0', 'ends': [{'target': 'x', 'routes': []}]}, {'name': '[0]', 'ends': []}]


@pytest.mark.parametrize('error', [None, NotFoundError('no 0 there', hint='0')])
@pytest.mark.parametrize('count', [0, 1, 2, 99, 100, 101, 250])
def test_items_are_the_same_document_as_the_values(capsys, count, error):
    wires = (WIRES * count)[:count]
    output.emit_json({'version': 1, 'failed': [0], 'wires': wires}, error)
    whole = capsys.readouterr()[0]
    output.emit_json_items({'version': 1, 'failed': [0]}, 'wires', [output.json_item(wire) for wire in wires], error)
    assert json.loads(capsys.readouterr()[0]) == json.loads(whole)
