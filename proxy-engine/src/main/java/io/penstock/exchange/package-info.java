/** The life of one request and its response, phase by phase, with its failure exits. */
@NullMarked
package io.penstock.exchange;

import org.jspecify.annotations.NullMarked;
