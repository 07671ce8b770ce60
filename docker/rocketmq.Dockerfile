# An image with the layout of apache/rocketmq (user, ROCKETMQ_HOME, working directory, launchers, variables), made from
# the jars on Maven Central, for machines that cannot pull it. docker/build-image.sh builds it; its context holds
#   lib/    the jars of docker/jars/resolve.sh
#   image/  this project's docker/image
ARG BASE=eclipse-temurin:17-jre
FROM ${BASE}

RUN groupadd -g 3000 rocketmq && useradd -l -u 3000 -g 3000 -m -s /bin/bash rocketmq

ARG VERSION
ENV ROCKETMQ_VERSION=${VERSION}
ENV ROCKETMQ_HOME=/home/rocketmq/rocketmq-${VERSION}

COPY --chown=3000:3000 image/conf ${ROCKETMQ_HOME}/conf
COPY --chown=3000:3000 image/bin ${ROCKETMQ_HOME}/bin
COPY --chown=3000:3000 lib ${ROCKETMQ_HOME}/lib

# Volumes mounted here take over the owner.
RUN mkdir -p /home/rocketmq/logs /home/rocketmq/store && chown rocketmq:rocketmq /home/rocketmq/logs /home/rocketmq/store

USER rocketmq
WORKDIR ${ROCKETMQ_HOME}/bin

EXPOSE 9876
EXPOSE 10909 10911 10912

ENTRYPOINT ["./docker-entrypoint.sh"]
