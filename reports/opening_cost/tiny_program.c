/* The smallest program there is to start: what is left of its cost is the cost of starting. */
int main(void) { return 0; }
