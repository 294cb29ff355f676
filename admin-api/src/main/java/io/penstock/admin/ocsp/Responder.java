package io.penstock.admin.ocsp;

import java.net.URI;

/** Where questions are asked; waits. */
@FunctionalInterface
interface Responder {
    /**
     * The answer to a question.
     *
     * @throws StatusUnknown if there is none
     */
    byte[] ask(URI address, byte[] request) throws StatusUnknown, InterruptedException;
}
