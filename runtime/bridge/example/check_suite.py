"""The example suite, written for plain OTP, in a real erl: natively, and hosted by portlab."""

import bridge_check


def main():
    check = bridge_check.Check(__doc__)
    sources = ("wordcount.erl", "wordcount_tests.erl", "hosted_tests.erl")
    native = check.compile("native", sources=sources)
    hosted = check.compile("hosted", sources=sources, transform=True)
    for tests, count in (("wordcount_tests", 20), ("hosted_tests", 14)):
        for side, folder in (("natively", native), ("hosted", hosted)):
            written = check.erl([folder], f"eunit:test({tests}, [verbose]), halt().", PORTLAB_FLAVOUR="plain",
                                WORDCOUNT_FOLDER=str(check.root / "drivers" / "plain"))
            check.expect(f"{tests}, {side}: every test passes", written, f"All {count} tests passed")
    check.finish()


if __name__ == "__main__":
    main()
