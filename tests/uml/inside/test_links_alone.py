"""What a container does to its VLAN or ipvlan costs it no other wire: hostile/test_links_alone, of the kinds that this
machine's kernel may lack."""
from __future__ import absolute_import, division, print_function

import pytest

from hostile.test_links_alone import (
    made, test_a_link_that_its_container_deleted_is_told_and_made_again,  # noqa: F401
    test_a_namespace_that_ended_and_is_kept_does_not_keep_the_link,  # noqa: F401
    test_what_a_container_does_to_its_link_costs_it_no_other)  # noqa: F401


@pytest.fixture(params=['ipvlan', 'vlan'])
def kind(request, netns):  # whose namespaces are there still when this ends
    for found in made(request.param):
        yield found
