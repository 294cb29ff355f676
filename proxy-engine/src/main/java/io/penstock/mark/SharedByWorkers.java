package io.penstock.mark;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks a type whose instances any thread may use at any time, without a lock of its own.
 *
 * <p>It is either immutable or one of the few lock-free structures; the javadoc says which, and who closes it.
 * It may not have a field of a type marked {@link WorkerConfined}.
 */
@Documented
@Retention(RetentionPolicy.CLASS)
@Target(ElementType.TYPE)
public @interface SharedByWorkers {}
