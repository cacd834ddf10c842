int trial_test_not_a_driver(void) { return 0; }
