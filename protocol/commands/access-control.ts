import { aclInfo, clusterAclConfig, userInfo } from '../model/access-control.ts';
import { command } from '../schema/command.ts';
import { boolean, string } from '../schema/field.ts';
import { header } from '../schema/header.ts';
import { shaped, shapedList } from '../schema/shape.ts';

/** Accounts of ACL 1.0, which 5.3.3 no longer has. */
const version1 = { servedBy: 'broker', until: '5.3.3' } as const;
const changing = { servedBy: 'broker' } as const;
const reading = { servedBy: 'broker', idempotent: true } as const;

const username = string().optional();
const subject = string().optional();

/** Users and policies. */
export const accessControlCommands = {
  updateAndCreateAclConfig: command({
    ...version1,
    code: 50,
    name: 'UPDATE_AND_CREATE_ACL_CONFIG',
    idempotent: true,
    request: header('CreateAccessConfigRequestHeader', {
      accessKey: string(),
      secretKey: string().optional(),
      whiteRemoteAddress: string().optional(),
      admin: boolean(),
      defaultTopicPerm: string().optional(),
      defaultGroupPerm: string().optional(),
      /** `topicA=DENY,topicB=PUB|SUB`. */
      topicPerms: string().optional(),
      groupPerms: string().optional(),
    }),
  }),
  deleteAclConfig: command({
    ...version1,
    code: 51,
    name: 'DELETE_ACL_CONFIG',
    idempotent: true,
    request: header('DeleteAccessConfigRequestHeader', { accessKey: string() }),
  }),
  getBrokerClusterAclInfo: command({
    ...version1,
    code: 52,
    name: 'GET_BROKER_CLUSTER_ACL_INFO',
    idempotent: true,
    response: header('GetBrokerAclConfigResponseHeader', {
      version: string(),
      /** JSON: the version of each file. */
      allAclFileVersion: string().optional(),
      brokerName: string(),
      brokerAddr: string(),
      clusterName: string(),
    }),
  }),
  updateGlobalWhiteAddressesConfig: command({
    ...version1,
    code: 53,
    name: 'UPDATE_GLOBAL_WHITE_ADDRS_CONFIG',
    idempotent: true,
    request: header(
      'UpdateGlobalWhiteAddrsConfigRequestHeader',
      {
        globalWhiteAddrs: string(),
        aclFileFullPath: string().optional(),
      },
      { aclFileFullPath: 'Brokers before 4.9.4 do not know it' },
    ),
  }),
  getBrokerClusterAclConfig: command({
    ...version1,
    code: 54,
    name: 'GET_BROKER_CLUSTER_ACL_CONFIG',
    idempotent: true,
    responseBody: shaped(clusterAclConfig),
  }),
  createUser: command({
    ...changing,
    code: 3001,
    name: 'AUTH_CREATE_USER',
    request: header('CreateUserRequestHeader', { username }),
    requestBody: shaped(userInfo),
  }),
  updateUser: command({
    ...changing,
    code: 3002,
    name: 'AUTH_UPDATE_USER',
    idempotent: true,
    request: header('UpdateUserRequestHeader', { username }),
    requestBody: shaped(userInfo),
  }),
  deleteUser: command({
    ...changing,
    code: 3003,
    name: 'AUTH_DELETE_USER',
    idempotent: true,
    request: header('DeleteUserRequestHeader', { username }),
  }),
  getUser: command({
    ...reading,
    code: 3004,
    name: 'AUTH_GET_USER',
    request: header('GetUserRequestHeader', { username }),
    responseBody: shaped(userInfo),
  }),
  listUsers: command({
    ...reading,
    code: 3005,
    name: 'AUTH_LIST_USER',
    request: header('ListUsersRequestHeader', { filter: string().optional() }),
    responseBody: shapedList(userInfo),
  }),
  createAcl: command({
    ...changing,
    code: 3006,
    name: 'AUTH_CREATE_ACL',
    request: header('CreateAclRequestHeader', { subject }),
    requestBody: shaped(aclInfo),
  }),
  updateAcl: command({
    ...changing,
    code: 3007,
    name: 'AUTH_UPDATE_ACL',
    idempotent: true,
    request: header('UpdateAclRequestHeader', { subject }),
    requestBody: shaped(aclInfo),
  }),
  deleteAcl: command({
    ...changing,
    code: 3008,
    name: 'AUTH_DELETE_ACL',
    idempotent: true,
    request: header('DeleteAclRequestHeader', {
      subject,
      policyType: string().optional(),
      resource: string().optional(),
    }),
  }),
  getAcl: command({
    ...reading,
    code: 3009,
    name: 'AUTH_GET_ACL',
    request: header('GetAclRequestHeader', { subject }),
    responseBody: shaped(aclInfo),
  }),
  listAcls: command({
    ...reading,
    code: 3010,
    name: 'AUTH_LIST_ACL',
    request: header('ListAclsRequestHeader', {
      subjectFilter: string().optional(),
      resourceFilter: string().optional(),
    }),
    responseBody: shapedList(aclInfo),
  }),
};
