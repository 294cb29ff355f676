package io.penstock.config;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** The text of the member {@code type} that chooses this record among those of its sealed interface. */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface TypeTag {
    /** The text. */
    String value();

    /** Whether no {@code type} is written: a member whose name is the text chooses this record. */
    boolean byMember() default false;
}
