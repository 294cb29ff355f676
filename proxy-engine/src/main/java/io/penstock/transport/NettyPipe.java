package io.penstock.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.penstock.mark.WorkerConfined;

/** What one of Netty's channels tells the channel that is built over it; the only handler in its pipeline. */
@WorkerConfined
abstract class NettyPipe extends ChannelInboundHandlerAdapter {
    private final LoopChannel owner;
    private final NettyInput input;
    private final ChannelOutput output;

    NettyPipe(LoopChannel owner, NettyInput input, ChannelOutput output) {
        this.owner = owner;
        this.input = input;
        this.output = output;
    }

    /** It is opened. */
    @Override
    public abstract void channelActive(ChannelHandlerContext context);

    @Override
    public final void channelRead(ChannelHandlerContext context, Object message) {
        input.received((ByteBuf) message);
    }

    @Override
    public final void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event == ChannelInputShutdownEvent.INSTANCE && !owner.isBroken()) {
            input.finished();
        }
    }

    @Override
    public final void channelWritabilityChanged(ChannelHandlerContext context) {
        output.checkSendable();
    }

    @Override
    public final void exceptionCaught(ChannelHandlerContext context, Throwable failure) {
        if (!owner.isBroken()) {
            broken(failure);
        }
    }

    /** It failed, and nobody knows of it yet. */
    void broken(Throwable failure) {
        owner.failed(failure);
    }
}
