package io.penstock.config;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The value a record component takes when its member is absent, in its text form; the elements of a list are divided by
 * {@code ", "}. What holds without this annotation says {@link RecordDefaults}.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Default {
    /** The text that {@link ValueText#parse} understands. */
    String value();
}
