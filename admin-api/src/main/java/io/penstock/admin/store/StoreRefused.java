package io.penstock.admin.store;

/**
 * The store did not take a write or could not answer a read; nothing of the call was kept, and traffic is untouched.
 *
 * <p>The next call tries again, so that a disk that has room again heals by itself.
 */
public final class StoreRefused extends RuntimeException {

    private static final long serialVersionUID = 1L;

    // Transient since records of ours are not for Java serialisation; the message carries the same text.
    private final transient StoreProblem problem;

    public StoreRefused(StoreProblem problem) {
        super(problem.text());
        this.problem = problem;
    }

    public StoreRefused(StoreProblem problem, Throwable cause) {
        super(problem.text(), cause);
        this.problem = problem;
    }

    public StoreProblem problem() {
        return problem;
    }
}
