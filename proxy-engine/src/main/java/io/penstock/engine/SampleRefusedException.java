package io.penstock.engine;

/** A sample request that no client could have sent here; the message says what was found and what is wanted. */
public final class SampleRefusedException extends Exception {
    private static final long serialVersionUID = 1L;

    private final String member;

    /** A refusal of one part of a sample. */
    public SampleRefusedException(String member, String message) {
        super(message);
        this.member = member;
    }

    /** Which part of the sample it is: {@code clientAddress} or {@code listener}. */
    public String member() {
        return member;
    }
}
