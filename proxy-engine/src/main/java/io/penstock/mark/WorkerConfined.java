package io.penstock.mark;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks a type whose instances belong to one worker: only that worker's thread reads, writes or closes them.
 *
 * <p>Its fields are plain, without fences or locks. Another thread that wants something of it posts a command to the worker.
 * A type marked {@link SharedByWorkers} may not have a field of such a type.
 */
@Documented
@Retention(RetentionPolicy.CLASS)
@Target(ElementType.TYPE)
public @interface WorkerConfined {}
