/** A first look: a gateway, two toy upstreams and a tour of what they do, all in one process. */
@NullMarked
package io.penstock.appliance.demo;

import org.jspecify.annotations.NullMarked;
