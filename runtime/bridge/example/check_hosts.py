"""A driver that brings its host down, seen from a real node: the node lives, and is told how."""

import bridge_check


def main():
    check = bridge_check.Check(__doc__, flag="--asan")
    hosted = check.compile("hosted", sources=("host_tests.erl",), transform=True)
    ended = check.erl([hosted], "eunit:test(host_tests, [verbose]), halt().",
                      WORDCOUNT_FOLDER=str(check.root / "drivers" / "plain"))
    check.expect("every end is told as it came", ended, "All 6 tests passed")
    if check.flag:
        planted(check)
    check.finish()


def planted(check):
    """One byte too few in the driver: OTP does not mind, ASan does."""
    driver = "wordcount_overflow_drv"
    native, hosted = check.compile("native"), check.compile("suite", transform=True)
    check.expect("natively the planted overflow passes", check.suite([native], "plain", driver),
                 "All 20 tests passed")
    check.expect("without it the suite passes under ASan", check.suite([hosted], "asan"), "All 20 tests passed")
    found = check.suite([hosted], "asan", driver)
    check.expect("with it the suite fails, and the report says where", found, "portlab_host_down",
                 "ERROR: AddressSanitizer: heap-buffer-overflow", "in output", "wordcount_drv.c",
                 "portlab: the host went down (sanitizer:heap-buffer-overflow)")
    check.require("and nothing says that all is well", "All 20 tests passed" not in found, found)
    told = check.erl([hosted], """
        ok = portlab:load_driver(os:getenv("WORDCOUNT_FOLDER"), "wordcount_overflow_drv"),
        process_flag(trap_exit, true),
        P = portlab:open_port({spawn_driver, "wordcount_overflow_drv"}, []),
        {'EXIT', {{portlab_host_down, Info}, _}} = (catch portlab:port_command(P, "hello, driver")),
        #{tool := asan, kind := <<"heap-buffer-overflow">>, frames := Frames} = maps:get(sanitizer, Info),
        io:format("~ts~n", [lists:join(", ", Frames)]),
        #{callback := output, in_callback := true, api_call := driver_alloc} = Info,
        error = maps:get(report, Info, error),
        #{report := Report} = portlab:last_crash(),
        io:format("whole report: ~p~n", [byte_size(Report) > 1000]),
        ok = portlab:restart(),
        P2 = portlab:open_port({spawn, "cat"}, []),
        io:format("on it goes: ~p~n", [portlab:port_close(P2)]), halt().""",
                     WORDCOUNT_FOLDER=str(check.root / "drivers" / "asan"), PORTLAB_FLAVOUR="asan")
    check.expect("the pending call's reason names finding, frame and callback", told, "output wordcount_drv.c:",
                 "whole report: true", "on it goes: true")


if __name__ == "__main__":
    main()
