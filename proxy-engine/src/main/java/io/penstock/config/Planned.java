package io.penstock.config;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Members that the contract of the document names and that this version cannot serve yet. Whoever binds a document
 * refuses them with {@link ConfigProblem#NOT_IN_THIS_VERSION} instead of calling them unknown.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface Planned {
    /** The members' names. */
    String[] value();
}
