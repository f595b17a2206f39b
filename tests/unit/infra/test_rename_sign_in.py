"""Renaming the sign-in page: the old address goes before the new one comes, and nothing else of the stack changes."""

import pytest
from botocore.exceptions import WaiterError

from infra.tools.operate.rename_sign_in import rename, steps


class Cloud:
    """CloudFormation with one stack, which refuses what AWS refuses: one address in place of another."""

    def __init__(self, prefix, fails_at=""):
        self.parameters = {"SignInPrefix": prefix, "RequireMfa": "true"}
        self.calls, self.fails_at = [], fails_at

    def describe_stacks(self, **_given):
        told = [{"ParameterKey": name, "ParameterValue": value} for name, value in self.parameters.items()]
        return {"Stacks": [{"Outputs": [], "Parameters": told}]}

    def update_stack(self, **given):
        assert given["UsePreviousTemplate"] is True
        new = {each["ParameterKey"]: each.get("ParameterValue") for each in given["Parameters"]}
        assert new.keys() == self.parameters.keys()
        assert [name for name, value in new.items() if value is not None] == ["SignInPrefix"]
        assert "none" in (new["SignInPrefix"], self.parameters["SignInPrefix"]), (
            "User pool already has a domain configured"
        )
        self.calls.append(new["SignInPrefix"])

    def get_waiter(self, name):
        assert name == "stack_update_complete"
        return self

    def wait(self, **_given):
        if self.calls[-1] == self.fails_at:
            raise WaiterError("stack_update_complete", "rolled back", {})
        self.parameters["SignInPrefix"] = self.calls[-1]


@pytest.mark.parametrize(
    ("now", "wanted", "values"),
    [
        ("old", "new", ("none", "new")),
        ("", "new", ("none", "new")),
        ("none", "new", ("new",)),
        ("old", "none", ("none",)),
        ("new", "new", ()),
    ],
)
def test_the_old_address_goes_before_the_new_one_comes(now, wanted, values):
    cloud = Cloud(now)
    assert rename(cloud, "ocello", wanted) == tuple(cloud.calls) == values == steps(now, wanted)
    assert cloud.parameters["SignInPrefix"] == wanted


def test_what_stopped_between_the_two_is_finished_by_the_next_run():
    cloud = Cloud("old", fails_at="new")
    with pytest.raises(WaiterError):
        rename(cloud, "ocello", "new")
    cloud.fails_at = ""
    assert rename(cloud, "ocello", "new") == ("new",)
