"""The example suite, written for plain OTP, in a real erl: natively, and hosted by portlab."""

import bridge_check


def main():
    check = bridge_check.Check(__doc__)
    native = check.compile("native")
    hosted = check.compile("hosted", transform=True)

    native_run = check.suite([native], "plain")
    check.expect("natively every test passes", native_run, "All 20 tests passed")
    hosted_run = check.suite([hosted], "plain", PORTLAB_FLAVOUR="plain")
    check.expect("hosted every test passes", hosted_run, "All 20 tests passed")
    check.finish()


if __name__ == "__main__":
    main()
